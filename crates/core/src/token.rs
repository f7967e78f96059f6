//! Blind tokens (`spec/proofs.md#tokens`): RFC 9497, mode VOPRF (0x01), suite ristretto255-SHA512.
//!
//! Names follow the RFC's sections 3.3.2 (protocol), 2.2 (proofs) and 4.1 (suite).

use curve25519_dalek::constants::{RISTRETTO_BASEPOINT_POINT, RISTRETTO_BASEPOINT_TABLE as G};
use curve25519_dalek::traits::{IsIdentity, VartimeMultiscalarMul};
use curve25519_dalek::{RistrettoPoint, Scalar};
use rayon::prelude::*;
use sha2::{Digest, Sha512};
use zeroize::Zeroizing;

use crate::codec::{self, Bytes32, Key, encode_points, expect_rows, rows};
use crate::error::{FormatError, Result, require};
use crate::labels::nonces as label;
use crate::nonces::{Nonces, Seed};

const CONTEXT: &[u8] = b"OPRFV1-\x01-ristretto255-SHA512";
const KEY_INFO: &[u8] = b"psephos/1 token";
pub const PROOF: usize = 64;
pub const OUTPUT: usize = 64;

/// `expand_message_xmd` of RFC 9380 with SHA-512, for its 64 bytes: one block.
fn expand(message: &[&[u8]], tag: &[u8]) -> [u8; 64] {
    let tag = [tag, CONTEXT].concat();
    let tag = [&tag[..], &[tag.len() as u8]].concat();
    let mut first = Sha512::new().chain_update([0; 128]);
    message.iter().for_each(|part| first.update(part));
    let first = first.chain_update([0, 64, 0]).chain_update(&tag).finalize();
    Sha512::new().chain_update(first).chain_update([1]).chain_update(&tag).finalize().into()
}

fn hash_to_group(input: &[u8]) -> RistrettoPoint {
    RistrettoPoint::from_uniform_bytes(&expand(&[input], b"HashToGroup-"))
}

fn hash_to_scalar(message: &[&[u8]], tag: &[u8]) -> Scalar {
    Scalar::from_bytes_mod_order_wide(&expand(message, tag))
}

/// Parts, each preceded by its length as two bytes, big-endian.
fn with_lengths(parts: &[&[u8]]) -> Vec<u8> {
    parts
        .iter()
        .flat_map(|part| (part.len() as u16).to_be_bytes().into_iter().chain(part.iter().copied()))
        .collect()
}

fn encode(point: &RistrettoPoint) -> Bytes32 {
    point.compress().to_bytes()
}

/// `DeriveKeyPair`: the secret and public key of a seed.
pub fn derive_key(seed: &Seed, info: &[u8]) -> (Zeroizing<Bytes32>, Bytes32) {
    let length = (info.len() as u16).to_be_bytes();
    let secret = (0..=255u8)
        .map(|counter| hash_to_scalar(&[seed, &length, info, &[counter]], b"DeriveKeyPair"))
        .find(|secret| *secret != Scalar::ZERO)
        .expect("256 hashes are not all zero");
    (Zeroizing::new(secret.to_bytes()), encode(&(&secret * G)))
}

/// A token key of this project.
pub fn key(seed: &Seed) -> (Zeroizing<Bytes32>, Bytes32) {
    derive_key(seed, KEY_INFO)
}

fn blind_with(inputs: &[&[u8]], blinds: &[Scalar]) -> Result<Vec<u8>> {
    let blind = |(row, (input, blind)): (usize, (&&[u8], &Scalar))| {
        let element = hash_to_group(input);
        require(!element.is_identity(), || format!("inputs, row {row}: hashes to the identity"))?;
        Ok(blind * element)
    };
    let blinded: Result<Vec<_>> = inputs.par_iter().zip(blinds).enumerate().map(blind).collect();
    Ok(encode_points(&blinded?))
}

/// `Blind`: the secret blinds, and the elements to send.
pub fn blind(inputs: &[u8], seed: &Seed) -> Result<(Zeroizing<Vec<u8>>, Vec<u8>)> {
    let inputs: Vec<&[u8]> = rows::<32>("inputs", inputs)?.iter().map(|input| &input[..]).collect();
    let fresh = |row: usize| Nonces::new(seed, row, label::BLIND, &[inputs[row]]).scalar();
    let blinds: Zeroizing<Vec<Scalar>> = Zeroizing::new((0..inputs.len()).map(fresh).collect());
    let blinded = blind_with(&inputs, &blinds)?;
    Ok((Zeroizing::new(blinds.iter().flat_map(Scalar::to_bytes).collect()), blinded))
}

/// `ComputeComposites`: the coefficients of the batched proof.
fn composites(public: &Bytes32, blinded: &[Bytes32], evaluated: &[Bytes32]) -> Vec<Scalar> {
    let seed = Sha512::digest(with_lengths(&[public, &[b"Seed-", CONTEXT].concat()]));
    let coefficient = |(i, (c, d)): (usize, (&Bytes32, &Bytes32))| {
        let row = [with_lengths(&[&seed]), (i as u16).to_be_bytes().to_vec(), with_lengths(&[c, d])].concat();
        hash_to_scalar(&[&row, b"Composite"], b"HashToScalar-")
    };
    blinded.iter().zip(evaluated).enumerate().map(coefficient).collect()
}

fn challenge(points: [&Bytes32; 5]) -> Scalar {
    hash_to_scalar(&[&with_lengths(&points.map(|point| &point[..])), b"Challenge"], b"HashToScalar-")
}

/// At least one element, at most what an index of two bytes reaches.
fn elements(name: &str, bytes: &[u8]) -> Result<Vec<RistrettoPoint>> {
    let elements = codec::proper_points(name, bytes)?;
    require((1..=65_535).contains(&elements.len()), || format!("{name}: {} elements", elements.len()))?;
    Ok(elements)
}

fn evaluate_with(
    secret: &Scalar,
    blinded: &[u8],
    nonce: impl Fn(&[u8]) -> Scalar,
) -> Result<(Vec<u8>, [u8; PROOF])> {
    let elements = elements("blinded", blinded)?;
    let evaluated = encode_points(&elements.iter().map(|element| element * secret).collect::<Vec<_>>());
    let public = encode(&(secret * G));
    let d = composites(&public, rows("blinded", blinded)?, rows("evaluated", &evaluated)?);
    let m = RistrettoPoint::vartime_multiscalar_mul(&d, &elements);
    let z = secret * m;
    let r = Zeroizing::new(nonce(&evaluated));
    let c = challenge([&public, &encode(&m), &encode(&z), &encode(&(&*r * G)), &encode(&(*r * m))]);
    let mut proof = [0; PROOF];
    proof[..32].copy_from_slice(c.as_bytes());
    proof[32..].copy_from_slice((*r - c * secret).as_bytes());
    Ok((evaluated, proof))
}

/// `BlindEvaluate`: the evaluated elements and one proof for all.
pub fn evaluate(secret: &Bytes32, blinded: &[u8], seed: &Seed) -> Result<(Vec<u8>, [u8; PROOF])> {
    let secret = codec::proper_scalars("secret", secret)?;
    let hedge = |evaluated: &[u8]| {
        let inputs: [&[u8]; 3] = [secret[0].as_bytes(), blinded, evaluated];
        Nonces::new(seed, 0, label::EVALUATE, &inputs).scalar()
    };
    evaluate_with(&secret[0], blinded, hedge)
}

/// `BlindEvaluate` for many requests: request `i` are the next `counts[i]` elements, evaluated with row `i` of `secrets`
/// as [`evaluate`] does it. All evaluated elements, and a proof for each request.
pub fn evaluate_each(
    secrets: &[u8],
    blinded: &[u8],
    counts: &[u32],
    seed: &Seed,
) -> Result<(Vec<u8>, Vec<u8>)> {
    expect_rows("secrets", secrets, counts.len(), 32)?;
    let secrets = rows::<32>("secrets", secrets)?;
    let requests = cut("blinded", blinded, counts)?;
    let evaluate =
        |request: usize| evaluate(&secrets[request], requests[request], seed).map_err(within(request));
    let answers: Vec<_> = (0..counts.len()).into_par_iter().map(evaluate).collect::<Result<_>>()?;
    let evaluated = answers.iter().flat_map(|(evaluated, _)| evaluated).copied().collect();
    Ok((evaluated, answers.iter().flat_map(|(_, proof)| *proof).collect()))
}

/// The rows of each request.
fn cut<'a>(name: &str, joined: &'a [u8], counts: &[u32]) -> Result<Vec<&'a [u8]>> {
    expect_rows(name, joined, counts.iter().map(|count| *count as usize).sum(), 32)?;
    let mut rest = joined;
    let next = |count: &u32| rest.split_off(..32 * *count as usize).expect("counted above");
    Ok(counts.iter().map(next).collect())
}

fn within(request: usize) -> impl Fn(FormatError) -> FormatError {
    move |why| FormatError(format!("request {request}: {}", why.0))
}

fn verify(public: &Key, blinded: &[u8], evaluated: &[u8], proof: &[u8; PROOF]) -> Result<bool> {
    let (c, d) = (elements("blinded", blinded)?, elements("evaluated", evaluated)?);
    let weights = composites(&public.bytes, rows("blinded", blinded)?, rows("evaluated", evaluated)?);
    let m = RistrettoPoint::vartime_multiscalar_mul(&weights, &c);
    let z = RistrettoPoint::vartime_multiscalar_mul(&weights, &d);
    let proof = codec::scalars("proof", proof)?;
    let (e, s) = (proof[0], proof[1]);
    let t2 = RistrettoPoint::vartime_multiscalar_mul([s, e], [RISTRETTO_BASEPOINT_POINT, public.point]);
    let t3 = RistrettoPoint::vartime_multiscalar_mul([s, e], [m, z]);
    Ok(e == challenge([&public.bytes, &encode(&m), &encode(&z), &encode(&t2), &encode(&t3)]))
}

fn output(input: &[u8], element: &Bytes32) -> [u8; OUTPUT] {
    Sha512::digest([with_lengths(&[input, element]), b"Finalize".to_vec()].concat()).into()
}

fn finalize_with(
    public: &Bytes32,
    inputs: &[&[u8]],
    blinds: &[u8],
    evaluated: &[u8],
    blinded: &[u8],
    proof: &[u8; PROOF],
) -> Result<Vec<u8>> {
    let public = Key::read("public", public)?;
    for (name, bytes) in [("blinds", blinds), ("evaluated", evaluated), ("blinded", blinded)] {
        expect_rows(name, bytes, inputs.len(), 32)?;
    }
    let blinds = codec::proper_scalars("blinds", blinds)?;
    require(verify(&public, blinded, evaluated, proof)?, || "token proof does not hold".into())?;
    let points = elements("evaluated", evaluated)?;
    let unblind =
        |(row, input): (usize, &&[u8])| output(input, &encode(&(blinds[row].invert() * points[row])));
    Ok(inputs.iter().enumerate().flat_map(unblind).collect())
}

/// `Finalize`: the outputs, once the proof holds.
pub fn finalize(
    public: &Bytes32,
    inputs: &[u8],
    blinds: &[u8],
    evaluated: &[u8],
    blinded: &[u8],
    proof: &[u8; PROOF],
) -> Result<Vec<u8>> {
    let inputs: Vec<&[u8]> = rows::<32>("inputs", inputs)?.iter().map(|input| &input[..]).collect();
    finalize_with(public, &inputs, blinds, evaluated, blinded, proof)
}

/// `Evaluate`: the outputs as the holder of the key computes them.
pub fn outputs(secret: &Bytes32, inputs: &[u8]) -> Result<Vec<u8>> {
    let secret = codec::proper_scalars("secret", secret)?;
    let evaluate = |input: &Bytes32| output(input, &encode(&(secret[0] * hash_to_group(input))));
    Ok(rows::<32>("inputs", inputs)?.par_iter().flat_map_iter(evaluate).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        text.as_bytes()
            .chunks(2)
            .map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect()
    }

    struct Vector {
        inputs: &'static [&'static str],
        blinds: &'static str,
        blinded: &'static str,
        evaluated: &'static str,
        proof: &'static str,
        nonce: &'static str,
        outputs: &'static str,
    }

    const ZERO: &str = "00";
    const FIVES: &str = "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a";

    /// RFC 9497, appendix A.1.2.
    const VECTORS: [Vector; 3] = [
        Vector {
            inputs: &[ZERO],
            blinds: "64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706",
            blinded: "863f330cc1a1259ed5a5998a23acfd37fb4351a793a5b3c090b642ddc439b945",
            evaluated: "aa8fa048764d5623868679402ff6108d2521884fa138cd7f9c7669a9a014267e",
            proof: "ddef93772692e535d1a53903db24367355cc2cc78de93b3be5a8ffcc6985dd066d4346421d17bf5117a2a1ff0fcb2a75\
                9f58a539dfbe857a40bce4cf49ec600d",
            nonce: "222a5e897cf59db8145db8d16e597e8facb80ae7d4e26d9881aa6f61d645fc0e",
            outputs: "b58cfbe118e0cb94d79b5fd6a6dafb98764dff49c14e1770b566e42402da1a7da4d8527693914139caee5bd03903af43\
                a491351d23b430948dd50cde10d32b3c",
        },
        Vector {
            inputs: &[FIVES],
            blinds: "64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706",
            blinded: "cc0b2a350101881d8a4cba4c80241d74fb7dcbfde4a61fde2f91443c2bf9ef0c",
            evaluated: "60a59a57208d48aca71e9e850d22674b611f752bed48b36f7a91b372bd7ad468",
            proof: "401a0da6264f8cf45bb2f5264bc31e109155600babb3cd4e5af7d181a2c9dc0a67154fabf031fd936051dec80b0b6ae2\
                9c9503493dde7393b722eafdf5a50b02",
            nonce: "222a5e897cf59db8145db8d16e597e8facb80ae7d4e26d9881aa6f61d645fc0e",
            outputs: "8a9a2f3c7f085b65933594309041fc1898d42d0858e59f90814ae90571a6df60356f4610bf816f27afdd84f47719e480\
                906d27ecd994985890e5f539e7ea74b6",
        },
        Vector {
            inputs: &[ZERO, FIVES],
            blinds: "64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706222a5e897cf59db8145db8d16e597e8f\
                acb80ae7d4e26d9881aa6f61d645fc0e",
            blinded: "863f330cc1a1259ed5a5998a23acfd37fb4351a793a5b3c090b642ddc439b94590a0145ea9da29254c3a56be4fe18546\
                5ebb3bf2a1801f7124bbbadac751e654",
            evaluated: "aa8fa048764d5623868679402ff6108d2521884fa138cd7f9c7669a9a014267ecc5ac221950a49ceaa73c8db41b82c20\
                372a4c8d63e5dded2db920b7eee36a2a",
            proof: "cc203910175d786927eeb44ea847328047892ddf8590e723c37205cb74600b0a5ab5337c8eb4ceae0494c2cf89529dcf\
                94572ed267473d567aeed6ab873dee08",
            nonce: "419c4f4f5052c53c45f3da494d2b67b220d02118e0857cdbcf037f9ea84bbe0c",
            outputs: "b58cfbe118e0cb94d79b5fd6a6dafb98764dff49c14e1770b566e42402da1a7da4d8527693914139caee5bd03903af43\
                a491351d23b430948dd50cde10d32b3c8a9a2f3c7f085b65933594309041fc1898d42d0858e59f90814ae90571a6df60\
                356f4610bf816f27afdd84f47719e480906d27ecd994985890e5f539e7ea74b6",
        },
    ];

    #[test]
    fn the_vectors_of_the_rfc_hold() {
        let (secret, public) = derive_key(&[0xa3; 32], b"test key");
        assert_eq!(secret[..], hex("e6f73f344b79b379f1a0dd37e07ff62e38d9f71345ce62ae3a9bc60b04ccd909"));
        assert_eq!(public[..], hex("c803e2cc6b05fc15064549b5920659ca4a77b2cca6f04f6b357009335476ad4e"));
        let secret = codec::scalar(&secret).unwrap();
        for vector in VECTORS {
            let inputs: Vec<Vec<u8>> = vector.inputs.iter().map(|input| hex(input)).collect();
            let inputs: Vec<&[u8]> = inputs.iter().map(|input| &input[..]).collect();
            let blinds = hex(vector.blinds);
            let blinded = blind_with(&inputs, &codec::scalars("", &blinds).unwrap()).unwrap();
            assert_eq!(blinded, hex(vector.blinded));
            let nonce = codec::scalars("", &hex(vector.nonce)).unwrap()[0];
            let (evaluated, proof) = evaluate_with(&secret, &blinded, |_| nonce).unwrap();
            assert_eq!(evaluated, hex(vector.evaluated));
            assert_eq!(proof[..], hex(vector.proof));
            let finalized = finalize_with(&public, &inputs, &blinds, &evaluated, &blinded, &proof).unwrap();
            assert_eq!(finalized, hex(vector.outputs));
        }
    }

    #[test]
    fn blind_and_direct_evaluation_agree_and_mutations_are_refused() {
        let (secret, public) = key(&[1; 32]);
        let inputs = [7; 96];
        let (blinds, blinded) = blind(&inputs, &[2; 32]).unwrap();
        let (evaluated, proof) = evaluate(&secret, &blinded, &[3; 32]).unwrap();
        let finalize = |evaluated: &[u8], blinded: &[u8], proof: &[u8; PROOF]| {
            super::finalize(&public, &inputs, &blinds, evaluated, blinded, proof)
        };
        assert_eq!(finalize(&evaluated, &blinded, &proof).unwrap(), outputs(&secret, &inputs).unwrap());
        let mut swapped = evaluated.clone();
        swapped[..64].copy_from_slice(&[&evaluated[32..64], &evaluated[..32]].concat());
        assert!(finalize(&swapped, &blinded, &proof).is_err());
        assert!(finalize(&evaluated, &swapped, &proof).is_err());
        for byte in [0, 32] {
            let mut mutated = proof;
            mutated[byte] ^= 1;
            assert_eq!(finalize(&evaluated, &blinded, &mutated).unwrap_err().0, "token proof does not hold");
        }
        let (_, other) = key(&[4; 32]);
        assert!(super::finalize(&other, &inputs, &blinds, &evaluated, &blinded, &proof).is_err());
        assert!(evaluate(&secret, &[0; 32], &[3; 32]).is_err(), "the identity is refused");
    }

    #[test]
    fn many_requests_are_answered_as_each_would_be_alone() {
        let seed = [3; 32];
        let (secrets, publics): (Vec<_>, Vec<_>) =
            [1u8, 4, 1].map(|key| super::key(&[key; 32])).into_iter().unzip();
        let counts = [1, 3, 2];
        let inputs = codec::random_scalars(&[7; 32], 6);
        let (blinds, blinded) = blind(&inputs, &[2; 32]).unwrap();
        let joined: Vec<u8> = secrets.iter().flat_map(|secret| **secret).collect();
        let (evaluated, proofs) = evaluate_each(&joined, &blinded, &counts, &seed).unwrap();
        let mut at = 0;
        for (i, count) in counts.map(|count| count as usize).into_iter().enumerate() {
            let rows = |table: &[u8], width: usize| table[width * at..][..width * count].to_vec();
            let (alone, proof) = evaluate(&secrets[i], &rows(&blinded, 32), &seed).unwrap();
            assert_eq!((&alone, &proof[..]), (&rows(&evaluated, 32), &proofs[PROOF * i..][..PROOF]));
            let (tokens, answers) = (rows(&inputs, 32), (rows(&blinds, 32), rows(&blinded, 32)));
            let outputs = finalize(&publics[i], &tokens, &answers.0, &alone, &answers.1, &proof).unwrap();
            assert_eq!(super::outputs(&secrets[i], &tokens).unwrap(), outputs);
            at += count;
        }
        assert!(evaluate_each(&joined, &blinded, &[1, 3, 1], &seed).is_err());
        assert!(evaluate_each(&joined, &blinded, &[6, 0, 0], &seed).is_err(), "a request asks for something");
    }
}
