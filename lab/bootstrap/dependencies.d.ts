export function checkNode(version?: string): void;
export function ensureDependencies(root: string, log?: (line: string) => void): Promise<void>;
export function upToDate(root: string): boolean;
export function samePackages(wantedText: string, installedText: string): boolean;
