/** Version of hoplab, as in package.json; it is written on what the lab makes. */
export const HOPLAB_VERSION = '0.1.0';
