/** One field of a definition: {@link Schema} in a form that JSON can hold without repeating shared types. */
export interface DefinitionField {
  readonly type?: string;
  readonly ref?: string;
  readonly description?: string;
  readonly format?: string;
  readonly enum?: readonly string[];
  readonly items?: DefinitionField;
  readonly additional?: DefinitionField;
  readonly patchMergeKey?: string;
  readonly patchStrategy?: string;
  readonly listType?: 'atomic' | 'set' | 'map';
  readonly listMapKeys?: readonly string[];
}

export interface Definition {
  readonly description?: string;
  readonly properties: Readonly<Record<string, DefinitionField>>;
  readonly required?: readonly string[];
}
