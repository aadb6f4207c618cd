/** Applications that a topology may ask for: the folders of `apps/`. */
export const APPS = ['guestbook', 'wordpress', 'whoami', 'hello'] as const;

export type AppName = (typeof APPS)[number];
