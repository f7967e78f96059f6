//! Decryption shares: one proof for a whole chunk (`spec/proofs.md#shares`).

use curve25519_dalek::constants::RISTRETTO_BASEPOINT_TABLE as G;
use curve25519_dalek::{RistrettoPoint, Scalar};
use psephos_lanes::Points;
use rayon::prelude::*;
use zeroize::Zeroizing;

use crate::batch::check_keyless;
use crate::codec::{self, Bytes32, RUN, expect_rows, rows};
use crate::equality::{self, PROOF};
use crate::error::{FormatError, Result, require};
use crate::labels::{field, nonces as label, protocol};
use crate::nonces::{Nonces, Seed};
use crate::transcript::Transcript;

const REASON: &str = "shares proof";

/// What a chunk of shares is for.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub stage: u8,
    pub trustee: u16,
    pub region: u16,
    pub day: u16,
    pub chunk: u32,
}

impl Place {
    fn encode(&self) -> Vec<u8> {
        let mut out = vec![self.stage];
        out.extend(self.trustee.to_le_bytes());
        out.extend(self.region.to_le_bytes());
        out.extend(self.day.to_le_bytes());
        out.extend(self.chunk.to_le_bytes());
        out
    }
}

/// Chunk `i` begins at row `starts[i]`; refuses counts that do not give all `inputs`.
fn starts(places: &[Place], counts: &[u32], inputs: &[u8]) -> Result<Vec<usize>> {
    require(places.len() == counts.len(), || "counts: expected one per chunk".into())?;
    let all = counts.iter().map(|count| *count as usize).sum();
    expect_rows("inputs", inputs, all, 32)?;
    let next = |start: &mut usize, count: &u32| Some(std::mem::replace(start, *start + *count as usize));
    Ok(counts.iter().scan(0, next).collect())
}

fn statement(
    election: &Bytes32,
    place: &Place,
    public: &Bytes32,
    inputs: &[u8],
    shares: &[u8],
) -> Transcript {
    let mut transcript = Transcript::new(protocol::SHARES);
    transcript
        .append(field::ELECTION, election)
        .append(field::POSITION, &place.encode())
        .append(field::PUBLIC, public)
        .append(field::INPUTS, inputs)
        .append(field::SHARES, shares);
    transcript
}

/// For each chunk `S_1 || .. || S_N || P || Q || z`, joined.
pub fn make(
    election: &Bytes32,
    places: &[Place],
    counts: &[u32],
    inputs: &[u8],
    secret: &Bytes32,
    seed: &Seed,
) -> Result<Vec<u8>> {
    let starts = starts(places, counts, inputs)?;
    let secret = codec::proper_scalars("secret", secret)?;
    let public = (&secret[0] * G).compress().to_bytes();
    let trustee = Trustee { election, public, secret: &secret[0], seed };
    let inputs = rows::<32>("inputs", inputs)?;
    let make_chunk = |chunk: usize| {
        let inputs = &inputs[starts[chunk]..][..counts[chunk] as usize];
        let made = trustee.make(chunk, &places[chunk], inputs);
        made.map_err(|row| FormatError::row("inputs", starts[chunk] + row, codec::BAD_POINT))
    };
    let chunks: Vec<_> = (0..places.len()).into_par_iter().map(make_chunk).collect();
    Ok(chunks.into_iter().collect::<Result<Vec<_>>>()?.concat())
}

struct Trustee<'a> {
    election: &'a Bytes32,
    public: Bytes32,
    secret: &'a Scalar,
    seed: &'a Seed,
}

impl Trustee<'_> {
    /// A chunk's shares and their proof, in constant time but for the combination of the inputs, which is public; `Err` is
    /// the first input that is no point.
    fn make(&self, chunk: usize, place: &Place, inputs: &[Bytes32]) -> std::result::Result<Vec<u8>, usize> {
        let (points, bad) = Points::read(inputs);
        if let Some(row) = bad.first() {
            return Err(*row);
        }
        let mut made = self.multiply(&points, inputs.len());
        let bytes = inputs.as_flattened();
        let hedge: [&[u8]; 5] = [self.election, &place.encode(), self.secret.as_bytes(), bytes, &made];
        let nonce = Zeroizing::new(Nonces::new(self.seed, chunk, label::SHARES, &hedge).scalar());
        let mut transcript = statement(self.election, place, &self.public, bytes, &made);
        let coefficients = equality::coefficients(&mut transcript, inputs.len());
        let which: Vec<u32> = (0..inputs.len() as u32).collect();
        let combined = codec::point(&points.combine(&which, &coefficients)).expect("an encoding of our own");
        let half = Zeroizing::new(nonce.div_by_2());
        let commitments = RistrettoPoint::double_and_compress_batch(&[&*half * G, *half * combined]);
        let commitments = [commitments[0].to_bytes(), commitments[1].to_bytes()];
        made.extend(equality::complete(transcript, commitments, &nonce, self.secret));
        Ok(made)
    }

    fn multiply(&self, points: &Points, count: usize) -> Vec<u8> {
        let secrets = Zeroizing::new([*self.secret; RUN]);
        let multiply = |start: usize| {
            let end = count.min(start + RUN);
            points.multiply(start..end, &secrets[..end - start]).into_flattened()
        };
        let runs: Vec<_> = (0..count.div_ceil(RUN)).into_par_iter().map(|run| multiply(run * RUN)).collect();
        runs.concat()
    }
}

/// The chunks that hold something not canonical or whose proof does not hold.
pub fn check(
    election: &Bytes32,
    places: &[Place],
    counts: &[u32],
    inputs: &[u8],
    public: &Bytes32,
    content: &[u8],
) -> Result<Vec<usize>> {
    let starts = starts(places, counts, inputs)?;
    codec::proper_point(public).map_err(|why| FormatError::row("public", 0, why))?;
    let size = inputs.len() + PROOF * places.len();
    require(content.len() == size, || format!("content: {} bytes instead of {size}", content.len()))?;
    let culprits = check_keyless(places.len(), |chunk, batch| {
        let (start, count) = (starts[chunk], counts[chunk] as usize);
        let (shares, proof) =
            content[32 * start + PROOF * chunk..][..32 * count + PROOF].split_at(32 * count);
        let inputs = &inputs[32 * start..][..32 * count];
        let transcript = statement(election, &places[chunk], public, inputs, shares);
        let statement = (batch.points(inputs), batch.points(shares));
        let public = batch.point(public);
        equality::claim((chunk, batch, REASON), transcript, public, statement, proof)
    });
    Ok(culprits.into_iter().map(|(chunk, _)| chunk).collect())
}

/// The shares of a chunk's content are its first `32*count` bytes; all chunks' shares, without the proofs.
pub fn strip_proofs(counts: &[u32], content: &[u8]) -> Result<Vec<u8>> {
    let size: usize = counts.iter().map(|count| 32 * *count as usize + PROOF).sum();
    require(content.len() == size, || format!("content: {} bytes instead of {size}", content.len()))?;
    let mut rest = rows::<32>("content", content)?;
    let mut out = Vec::with_capacity(size);
    for count in counts {
        let (chunk, after) = rest.split_at(*count as usize + PROOF / 32);
        out.extend(chunk[..*count as usize].as_flattened());
        rest = after;
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ELECTION: Bytes32 = [9; 32];

    fn places(n: u32) -> Vec<Place> {
        (0..n).map(|chunk| Place { stage: 1, trustee: 2, region: 0, day: 1, chunk }).collect()
    }

    fn setup() -> (Bytes32, Bytes32, Vec<u8>) {
        let secret: Bytes32 = codec::random_scalars(&[2; 32], 1).try_into().unwrap();
        let public = codec::base_multiples(&secret).unwrap().try_into().unwrap();
        let mut inputs = codec::base_multiples(&codec::random_scalars(&[3; 32], 10)).unwrap();
        inputs[32..64].fill(0); // the identity is legal
        (secret, public, inputs)
    }

    #[test]
    fn accepts_honest_and_rejects_each_mutated_field() {
        let (secret, public, inputs) = setup();
        let counts = [4, 1, 5];
        let content = make(&ELECTION, &places(3), &counts, &inputs, &secret, &[1; 32]).unwrap();
        let check = |inputs: &[u8], content: &[u8]| {
            super::check(&ELECTION, &places(3), &counts, inputs, &public, content).unwrap()
        };
        assert_eq!(check(&inputs, &content), [0; 0]);
        for part in 0..content.len() / 32 {
            let mut mutated = content.clone();
            mutated[32 * part..][..32].copy_from_slice(&Scalar::from(3u8).to_bytes());
            let point = &codec::base_multiples(&Scalar::from(3u8).to_bytes()).unwrap();
            if ![6, 10, 18].contains(&part) {
                mutated[32 * part..][..32].copy_from_slice(point);
            }
            let chunk = [0..7, 7..11, 11..19].iter().position(|range| range.contains(&part)).unwrap();
            assert_eq!(check(&inputs, &mutated), [chunk], "part {part}");
        }
        let mut other = inputs.clone();
        other[..32].fill(0);
        assert_eq!(check(&other, &content), [0]);
        assert_eq!(
            super::check(&[0; 32], &places(3), &counts, &inputs, &public, &content).unwrap(),
            [0, 1, 2]
        );
        assert!(super::check(&ELECTION, &places(3), &counts, &inputs, &public, &content[1..]).is_err());
        assert!(super::check(&ELECTION, &places(3), &counts, &inputs, &[0; 32], &content).is_err());
    }

    #[test]
    fn a_chunk_may_be_empty() {
        let (secret, public, inputs) = setup();
        let mut content = make(&ELECTION, &places(2), &[10, 0], &inputs, &secret, &[1; 32]).unwrap();
        let check =
            |content: &[u8]| check(&ELECTION, &places(2), &[10, 0], &inputs, &public, content).unwrap();
        assert_eq!(check(&content), [0; 0]);
        let last = content.len() - 64;
        content.copy_within(..32, last);
        assert_eq!(check(&content), [1], "Q must be the identity");
    }

    #[test]
    fn shares_are_the_multiples_of_the_inputs() {
        let (secret, _, inputs) = setup();
        let content = make(&ELECTION, &places(2), &[3, 7], &inputs, &secret, &[1; 32]).unwrap();
        let shares = strip_proofs(&[3, 7], &content).unwrap();
        let secret = codec::scalar(&secret).unwrap();
        let expected: Vec<_> =
            codec::points("", &inputs).unwrap().iter().map(|input| secret * input).collect();
        assert_eq!(codec::points("", &shares).unwrap(), expected);
    }
}
