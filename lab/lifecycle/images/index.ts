export { bringImages, imagesFor, imagesToBring, standInEntries } from './bring.ts';
export { imageNames } from './image-names.ts';
