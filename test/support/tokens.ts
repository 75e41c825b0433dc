/**
 * Who issues JSON Web Tokens: keys as they are in a set, and tokens signed with them.
 */
import {
  createLocalJWKSet,
  exportJWK,
  generateKeyPair,
  type JWK,
  type JWTPayload,
  SignJWT,
} from 'jose';
import type { Keys } from '../../src/auth/jwks-file.ts';

export interface Issuer {
  /** The public key, as a set has it. */
  readonly jwk: JWK;
  readonly privateJwk: JWK;
  /** A token with these claims, which says that its key has this name, or no name if it is null. */
  readonly sign: (claims: JWTPayload, name?: string | null) => Promise<string>;
}

export const issuerOf = async (alg: string, kid: string): Promise<Issuer> => {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return {
    jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' },
    privateJwk: { ...(await exportJWK(privateKey)), kid, alg, use: 'sig' },
    sign: (claims, name = kid) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg, ...(name === null ? {} : { kid: name }) })
        .sign(privateKey),
  };
};

export const keySetOf = (...keys: ReadonlyArray<JWK>): string => JSON.stringify({ keys });

/** Keys that no file has. */
export const keysOf = (...keys: ReadonlyArray<JWK>): Keys => {
  const set = createLocalJWKSet({ keys: [...keys] });
  return { current: async () => set };
};
