/** The annotation that says which manifest of the lab an object was last applied from; its value is a hash. */
export const MANIFEST_ANNOTATION = 'hoplab.io/manifest';
