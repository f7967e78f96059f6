//! Blind tokens (`spec/proofs.md#tokens`): RFC 9497, mode VOPRF (0x01), suite ristretto255-SHA512, with a proof of our own.
//!
//! Names follow the RFC's sections 3.3.2 (protocol) and 4.1 (suite). Its proof (2.2) is not used: there each coefficient
//! hangs on its own element alone.

mod issue;

use curve25519_dalek::constants::RISTRETTO_BASEPOINT_TABLE as G;
use curve25519_dalek::traits::IsIdentity;
use curve25519_dalek::{RistrettoPoint, Scalar};
use rayon::prelude::*;
use sha2::{Digest, Sha512};
use zeroize::Zeroizing;

use crate::batch::{Batch, Culprit, Point, check_keyless};
use crate::codec::{self, Bytes32, encode_points, expect_rows, rows};
use crate::equality;
pub use crate::equality::PROOF;
use crate::error::{FormatError, Result, require};
use crate::labels::{field, nonces as label, protocol};
use crate::nonces::{Nonces, Seed};
use crate::transcript::Transcript;
pub use issue::evaluate;

const CONTEXT: &[u8] = b"OPRFV1-\x01-ristretto255-SHA512";
const KEY_INFO: &[u8] = b"psephos/1 token";
const REASON: &str = "token proof does not hold";
const NO_ELEMENT: &str = "no element";
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

/// The inputs of cards' tokens, 32 bytes each, from their keys `K`; the same for all registrars.
pub fn card_inputs(election: &Bytes32, region: u16, cards: &[u8]) -> Result<Vec<u8>> {
    let cards = rows::<32>("cards", cards)?;
    Ok(cards.iter().flat_map(|card| card_input(election, region, card)).collect())
}

fn card_input(election: &Bytes32, region: u16, card: &Bytes32) -> Bytes32 {
    let mut transcript = Transcript::new(protocol::TOKEN);
    transcript
        .append(field::ELECTION, election)
        .append(field::REGION, &region.to_le_bytes())
        .append(field::CARD, card);
    transcript.hash()
}

/// `T`, of which a card's tokens are multiples.
pub fn card_element(election: &Bytes32, region: u16, card: &Bytes32) -> RistrettoPoint {
    hash_to_group(&card_input(election, region, card))
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

/// What elements are evaluated for: one kind of tokens of one registrar in one region.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub region: u16,
    pub registrar: u8,
    pub kind: u8,
}

impl Place {
    fn encode(&self) -> [u8; 4] {
        let [low, high] = self.region.to_le_bytes();
        [low, high, self.registrar, self.kind]
    }
}

fn statement(
    election: &Bytes32,
    place: &Place,
    public: &Bytes32,
    blinded: &[u8],
    evaluated: &[u8],
) -> Transcript {
    let mut transcript = Transcript::new(protocol::TOKEN);
    transcript
        .append(field::ELECTION, election)
        .append(field::POSITION, &place.encode())
        .append(field::PUBLIC, public)
        .append(field::INPUTS, blinded)
        .append(field::SHARES, evaluated);
    transcript
}

fn points(batch: &mut Batch, bytes: &[u8]) -> std::result::Result<Vec<Point>, &'static str> {
    let rows = bytes.as_chunks::<32>().0;
    if rows.is_empty() { Err(NO_ELEMENT) } else { rows.iter().map(|row| batch.proper_point(row)).collect() }
}

/// The rows of each request.
fn cut<'a>(name: &str, joined: &'a [u8], places: &[Place], counts: &[u32]) -> Result<Vec<&'a [u8]>> {
    require(places.len() == counts.len(), || "counts: expected one per request".into())?;
    expect_rows(name, joined, counts.iter().map(|count| *count as usize).sum(), 32)?;
    let mut rest = joined;
    let next = |count: &u32| rest.split_off(..32 * *count as usize).expect("counted above");
    Ok(counts.iter().map(next).collect())
}

fn within(request: usize, why: &str) -> FormatError {
    FormatError(format!("request {request}: {why}"))
}

/// Evaluations as a registrar answers with them: of request `i` the next `counts[i]` elements, under row `i` of `publics`,
/// with row `i` of `proofs`.
pub struct Evaluations<'a> {
    pub places: &'a [Place],
    pub counts: &'a [u32],
    pub publics: &'a [u8],
    pub blinded: &'a [u8],
    pub evaluated: &'a [u8],
    pub proofs: &'a [u8],
}

/// The requests that hold something not canonical, or whose proof does not hold.
pub fn check(election: &Bytes32, answers: &Evaluations) -> Result<Vec<Culprit>> {
    let Evaluations { places, counts, .. } = *answers;
    expect_rows("publics", answers.publics, places.len(), 32)?;
    expect_rows("proofs", answers.proofs, places.len(), PROOF)?;
    let (publics, proofs) =
        (rows::<32>("publics", answers.publics)?, rows::<PROOF>("proofs", answers.proofs)?);
    codec::proper_points("publics", answers.publics)?;
    let blinded = cut("blinded", answers.blinded, places, counts)?;
    let evaluated = cut("evaluated", answers.evaluated, places, counts)?;
    Ok(check_keyless(places.len(), |request, batch| {
        let (inputs, shares) = (blinded[request], evaluated[request]);
        let transcript = statement(election, &places[request], &publics[request], inputs, shares);
        let points = (points(batch, inputs)?, points(batch, shares)?);
        let key = batch.point(&publics[request]);
        equality::claim((request, batch, REASON), transcript, key, points, &proofs[request])
    }))
}

fn output(input: &[u8], element: &Bytes32) -> [u8; OUTPUT] {
    Sha512::digest([with_lengths(&[input, element]), b"Finalize".to_vec()].concat()).into()
}

/// The unblinded elements, once the proofs of all requests hold; nothing is unblinded before.
pub fn unblind(election: &Bytes32, answers: &Evaluations, blinds: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    expect_rows("blinds", blinds, answers.evaluated.len() / 32, 32)?;
    let blinds = codec::proper_scalars("blinds", blinds)?;
    if let Some((request, why)) = check(election, answers)?.first() {
        return Err(within(*request, why));
    }
    Ok(unblind_checked(&blinds, &codec::proper_points("evaluated", answers.evaluated)?))
}

fn unblind_checked(blinds: &[Scalar], evaluated: &[RistrettoPoint]) -> Zeroizing<Vec<u8>> {
    let unblind = |(blind, evaluated): (&Scalar, &RistrettoPoint)| encode(&(blind.invert() * evaluated));
    Zeroizing::new(blinds.par_iter().zip(evaluated).flat_map_iter(unblind).collect())
}

/// `Finalize` for many requests: the outputs of what [`unblind`] gives.
pub fn finalize(election: &Bytes32, answers: &Evaluations, inputs: &[u8], blinds: &[u8]) -> Result<Vec<u8>> {
    expect_rows("inputs", inputs, answers.evaluated.len() / 32, 32)?;
    let tokens = unblind(election, answers, blinds)?;
    let pairs = inputs.as_chunks::<32>().0.iter().zip(tokens.as_chunks::<32>().0);
    Ok(pairs.flat_map(|(input, token)| output(input, token)).collect())
}

/// `Evaluate`: the outputs as the holder of the key computes them.
pub fn outputs(secret: &Bytes32, inputs: &[u8]) -> Result<Vec<u8>> {
    let secret = codec::proper_scalars("secret", secret)?;
    let direct = |input: &Bytes32| output(input, &encode(&(secret[0] * hash_to_group(input))));
    Ok(rows::<32>("inputs", inputs)?.par_iter().flat_map_iter(direct).collect())
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
        outputs: &'static str,
    }

    const ZERO: &str = "00";
    const FIVES: &str = "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a";

    const ELECTION: Bytes32 = [9; 32];
    const PLACE: Place = Place { region: 5, registrar: 1, kind: 0 };

    /// RFC 9497, appendix A.1.2, without its proofs.
    const VECTORS: [Vector; 3] = [
        Vector {
            inputs: &[ZERO],
            blinds: "64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706",
            blinded: "863f330cc1a1259ed5a5998a23acfd37fb4351a793a5b3c090b642ddc439b945",
            evaluated: "aa8fa048764d5623868679402ff6108d2521884fa138cd7f9c7669a9a014267e",
            outputs: "b58cfbe118e0cb94d79b5fd6a6dafb98764dff49c14e1770b566e42402da1a7da4d8527693914139caee5bd03903af43\
                a491351d23b430948dd50cde10d32b3c",
        },
        Vector {
            inputs: &[FIVES],
            blinds: "64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706",
            blinded: "cc0b2a350101881d8a4cba4c80241d74fb7dcbfde4a61fde2f91443c2bf9ef0c",
            evaluated: "60a59a57208d48aca71e9e850d22674b611f752bed48b36f7a91b372bd7ad468",
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
            let count = inputs.len() as u32;
            let (evaluated, _) =
                evaluate(&ELECTION, &[PLACE], &[count], secret.as_bytes(), &blinded, &[1; 32]).unwrap();
            assert_eq!(evaluated, hex(vector.evaluated));
            let (blinds, points) =
                (codec::scalars("", &blinds).unwrap(), codec::points("", &evaluated).unwrap());
            let tokens = unblind_checked(&blinds, &points);
            let pairs = inputs.iter().zip(tokens.as_chunks::<32>().0);
            let outputs: Vec<u8> = pairs.flat_map(|(input, token)| output(input, token)).collect();
            assert_eq!(outputs, hex(vector.outputs));
        }
    }

    /// Three requests: their places, counts, secrets and publics, and inputs, blinds and blinded elements of all.
    struct Requests {
        places: [Place; 3],
        secrets: Vec<u8>,
        publics: Vec<u8>,
        inputs: Vec<u8>,
        blinds: Zeroizing<Vec<u8>>,
        blinded: Vec<u8>,
    }

    const COUNTS: [u32; 3] = [1, 3, 2];

    fn requests() -> Requests {
        let (secrets, publics): (Vec<_>, Vec<_>) =
            [1u8, 4, 1].map(|key| super::key(&[key; 32])).into_iter().unzip();
        let inputs = codec::random_scalars(&[7; 32], 6);
        let (blinds, blinded) = blind(&inputs, &[2; 32]).unwrap();
        let places = [1, 0, 1].map(|kind| Place { kind, ..PLACE });
        let secrets = secrets.iter().flat_map(|secret| **secret).collect();
        Requests { places, secrets, publics: publics.concat(), inputs, blinds, blinded }
    }

    impl Requests {
        fn finalize(&self, places: &[Place], evaluated: &[u8], proofs: &[u8]) -> Result<Vec<u8>> {
            let (publics, blinded) = (&self.publics, &self.blinded);
            let answers = Evaluations { places, counts: &COUNTS, publics, blinded, evaluated, proofs };
            finalize(&ELECTION, &answers, &self.inputs, &self.blinds)
        }
    }

    #[test]
    fn blind_and_direct_evaluation_agree_and_each_mutation_is_named() {
        let asked = requests();
        let evaluate =
            || evaluate(&ELECTION, &asked.places, &COUNTS, &asked.secrets, &asked.blinded, &[3; 32]);
        let (evaluated, proofs) = evaluate().unwrap();
        let direct: Vec<u8> = [(0, 0..1), (1, 1..4), (2, 4..6)]
            .into_iter()
            .flat_map(|(key, rows)| {
                let secret = asked.secrets[32 * key..][..32].try_into().unwrap();
                outputs(secret, &asked.inputs[32 * rows.start..32 * rows.end]).unwrap()
            })
            .collect();
        assert_eq!(asked.finalize(&asked.places, &evaluated, &proofs).unwrap(), direct);
        let wrong = |places: &[Place], evaluated: &[u8], proofs: &[u8], request: usize| {
            let error = asked.finalize(places, evaluated, proofs).unwrap_err().0;
            assert_eq!(error, format!("request {request}: token proof does not hold"));
        };
        for (row, request) in [0, 1, 1, 1, 2, 2].into_iter().enumerate() {
            let mut other = evaluated.clone();
            other[32 * row..][..32].copy_from_slice(&asked.blinded[..32]);
            wrong(&asked.places, &other, &proofs, request);
        }
        let mut swapped = evaluated.clone();
        swapped[32..96].copy_from_slice(&[&evaluated[64..96], &evaluated[32..64]].concat());
        wrong(&asked.places, &swapped, &proofs, 1);
        for part in 0..9 {
            let mut mutated = proofs.clone();
            let other = if part % 3 == 2 {
                &Scalar::from(5u8).to_bytes()
            } else {
                asked.blinded[..32].try_into().unwrap()
            };
            mutated[32 * part..][..32].copy_from_slice(other);
            wrong(&asked.places, &evaluated, &mutated, part / 3);
        }
        for (request, change) in [
            (0, Place { kind: 0, ..PLACE }),
            (1, Place { region: 6, ..PLACE }),
            (2, Place { registrar: 2, kind: 1, ..PLACE }),
        ] {
            let mut places = asked.places;
            places[request] = change;
            wrong(&places, &evaluated, &proofs, request);
        }
    }

    #[test]
    fn many_requests_are_answered_as_each_would_be_alone() {
        let asked = requests();
        let seed = [3; 32];
        let (evaluated, proofs) =
            evaluate(&ELECTION, &asked.places, &COUNTS, &asked.secrets, &asked.blinded, &seed).unwrap();
        let mut rest = 0;
        for (i, count) in COUNTS.into_iter().enumerate() {
            let rows = |table: &[u8]| table[32 * rest..][..32 * count as usize].to_vec();
            let secret = &asked.secrets[32 * i..][..32];
            let (alone, proof) =
                evaluate(&ELECTION, &asked.places[i..][..1], &[count], secret, &rows(&asked.blinded), &seed)
                    .unwrap();
            assert_eq!((alone, &proof[..]), (rows(&evaluated), &proofs[PROOF * i..][..PROOF]));
            rest += count as usize;
        }
        let refused = |counts: &[u32], blinded: &[u8]| {
            evaluate(&ELECTION, &asked.places, counts, &asked.secrets, blinded, &seed).is_err()
        };
        assert!(refused(&[1, 3, 1], &asked.blinded));
        assert!(refused(&[1, 5], &asked.blinded));
        assert!(refused(&[6, 0, 0], &asked.blinded), "a request asks for something");
        assert!(refused(&COUNTS, &[0; 192]), "the identity is refused");
    }
}
