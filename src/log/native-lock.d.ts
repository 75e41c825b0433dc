declare module 'fs-native-extensions' {
  /** Takes the operating system's exclusive lock on an open file, or answers false when another holder has it. */
  export const tryLock: (fd: number) => boolean;
}
