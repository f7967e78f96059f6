//! Checking weighings: one after another, or several that take what others in the same check gave.

use curve25519_dalek::Scalar;

use super::{PROOF, Place, REASON, require_width, row_transcript, signs};
use crate::batch::{Batch, Culprit, Verdict, check as check_batch};
use crate::codec::{Bytes32, CIPHERTEXT, Key, expect_rows};
use crate::disjunction::{Proof, coefficients};
use crate::error::{Result, require};

/// Weighings, one an element: place, number of rows, and source, which is an earlier weighing whose given rows this
/// one takes, or none: it takes the next of the rows `before`.
#[derive(Clone, Copy)]
pub struct Weighings<'a> {
    pub places: &'a [Place],
    pub counts: &'a [u32],
    pub sources: &'a [Option<usize>],
}

/// A row that does not hold: its weighing, the row in it, and why.
pub type RowCulprit = (usize, usize, &'static str);

/// One weighing's rows. Those taken stand `stride` bytes apart: by themselves, or among proofs where another gave them.
struct Step<'a> {
    place: &'a Place,
    taken: &'a [u8],
    stride: usize,
    given: &'a [u8],
}

/// A step in a family of steps that take what others in it gave. Slot 0 are the rows that the first member takes,
/// slot `k` those that the `k`-th gives; `slot` are those that this one takes.
#[derive(Clone, Copy)]
struct Member {
    step: usize,
    slot: usize,
}

/// What a family's row is checked against.
struct Check<'a> {
    election: &'a Bytes32,
    key: &'a Key,
    width: usize,
    steps: Vec<Step<'a>>,
}

/// Check weighings in one batch: `before` joins the rows taken by those without a source, `after` the rows that all
/// of them give, with proofs.
///
/// Points that one weighing gave and others took are read and multiplied once. Where rows that stem from one another
/// do not hold together, each is checked apart, against the rows it takes, whether or not these hold themselves.
pub fn check(
    election: &Bytes32,
    key: &Bytes32,
    weighings: Weighings,
    before: &[u8],
    after: &[u8],
    width: usize,
) -> Result<Vec<RowCulprit>> {
    require_width(width)?;
    let key = &Key::read("key", key)?;
    let steps = steps(weighings, before, after, width)?;
    let check = Check { election, key, width, steps };
    let families = families(weighings.sources);
    let rows = |family: &Vec<Member>| 0..weighings.counts[family[0].step];
    let together: Vec<(&[Member], u32)> =
        families.iter().flat_map(|family| rows(family).map(move |row| (&family[..], row))).collect();
    let failed = check.rows(&together).into_iter().map(|(at, _)| together[at]);
    let apart: Vec<(Member, u32)> = failed
        .flat_map(|(family, row)| family.iter().map(move |member| (Member { slot: 0, ..*member }, row)))
        .collect();
    let apart: Vec<(&[Member], u32)> =
        apart.iter().map(|(member, row)| (std::slice::from_ref(member), *row)).collect();
    let named = |(at, why): (usize, &'static str)| (apart[at].0[0].step, apart[at].1 as usize, why);
    let mut culprits: Vec<_> = check.rows(&apart).into_iter().map(named).collect();
    culprits.sort_unstable();
    Ok(culprits)
}

fn steps<'a>(
    weighings: Weighings<'a>,
    before: &'a [u8],
    after: &'a [u8],
    width: usize,
) -> Result<Vec<Step<'a>>> {
    let Weighings { places, counts, sources } = weighings;
    require(places.len() == counts.len(), || "counts: expected one per chunk".into())?;
    require(places.len() == sources.len(), || "sources: expected one per chunk".into())?;
    let (taken, given) = (CIPHERTEXT * width, CIPHERTEXT * width + PROOF);
    let rows = |count: &u32| *count as usize;
    let first = counts.iter().zip(sources).filter(|(_, source)| source.is_none());
    expect_rows("before", before, first.map(|(count, _)| rows(count)).sum(), taken)?;
    expect_rows("after", after, counts.iter().map(rows).sum(), given)?;
    let (mut before, mut after) = (before, after);
    let next = |table: &mut &'a [u8], bytes: usize| table.split_off(..bytes).expect("counted above");
    let mut steps: Vec<Step> = Vec::with_capacity(places.len());
    for (i, (place, source)) in places.iter().zip(sources).enumerate() {
        let (taken, stride) = match *source {
            None => (next(&mut before, taken * rows(&counts[i])), taken),
            Some(source) => {
                let fits = source < i && counts[source] == counts[i];
                require(fits, || format!("sources: weighing {i} cannot take the rows of {source}"))?;
                (steps[source].given, given)
            }
        };
        steps.push(Step { place, taken, stride, given: next(&mut after, given * rows(&counts[i])) });
    }
    Ok(steps)
}

/// The steps that take, directly or not, what one of them gave: each such family in order, beginning with the one
/// without a source.
fn families(sources: &[Option<usize>]) -> Vec<Vec<Member>> {
    let mut families: Vec<Vec<Member>> = vec![];
    let mut gives = Vec::with_capacity(sources.len()); // family and slot of what each step gives
    for (step, source) in sources.iter().enumerate() {
        let (family, slot) = source.map_or((families.len(), 0), |source| gives[source]);
        families.resize_with(families.len().max(family + 1), Vec::new);
        families[family].push(Member { step, slot });
        gives.push((family, families[family].len()));
    }
    families
}

impl Check<'_> {
    fn rows(&self, rows: &[(&[Member], u32)]) -> Vec<Culprit> {
        check_batch(rows.len(), &self.key.bytes, |at, batch| self.claim((at, batch), rows[at].0, rows[at].1))
    }

    /// One claim: this row of all members.
    fn claim(&self, (at, batch): (usize, &mut Batch), members: &[Member], row: u32) -> Verdict {
        let first = &self.steps[members[0].step];
        let size = CIPHERTEXT * self.width;
        let mut slots = vec![batch.points(&first.taken[first.stride * row as usize..][..size])];
        let mut times = vec![vec![[Scalar::ZERO; 2]; self.width]];
        batch.claim(at, REASON);
        for member in members {
            let step = &self.steps[member.step];
            let taken = &step.taken[step.stride * row as usize..][..size];
            let (given, proof) = step.given[(size + PROOF) * row as usize..][..size + PROOF].split_at(size);
            slots.push(batch.points(given));
            let proof = Proof::read(proof, 2, batch);
            let place = step.place.encode(row);
            let mut transcript = row_transcript(self.election, &place, &self.key.bytes, taken, given);
            let coefficients = coefficients(&mut transcript, self.width);
            let multiples = proof.verify(&mut transcript, &signs(), batch)?;
            for (times, coefficient) in times[member.slot].iter_mut().zip(&coefficients) {
                (0..2).for_each(|component| times[component] += coefficient * multiples.base[component]);
            }
            times.push(
                coefficients.iter().map(|c| multiples.statement.map(|multiple| c * multiple)).collect(),
            );
        }
        for (point, times) in slots.iter().flatten().zip(times.iter().flatten().flatten()) {
            batch.add(*times, *point);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec;
    use crate::weighing::{strip_proofs, weigh};

    const ELECTION: Bytes32 = [9; 32];
    const ROWS: usize = 5;
    const WIDTH: usize = 2;
    const SIZE: usize = CIPHERTEXT * WIDTH + PROOF;

    fn key() -> Bytes32 {
        codec::base_multiples(&codec::random_scalars(&[3; 32], 1)).unwrap().try_into().unwrap()
    }

    fn place(position: usize) -> Place {
        Place { region: 1, day: 2, chunk: 3, position: position as u8, trustee: 1 }
    }

    /// Two roots; the first's rows are taken twice, one of those takings once more; the second's once.
    const SOURCES: [Option<usize>; 6] = [None, Some(0), None, Some(1), Some(0), Some(2)];

    fn tree() -> (Vec<u8>, Vec<Vec<u8>>) {
        let before = codec::base_multiples(&codec::random_scalars(&[4; 32], 4 * WIDTH * ROWS)).unwrap();
        let mut roots = before.chunks(before.len() / 2);
        let mut given: Vec<Vec<u8>> = vec![];
        for (position, source) in SOURCES.iter().enumerate() {
            let taken = match source {
                None => roots.next().unwrap().to_vec(),
                Some(source) => strip_proofs(&given[*source], WIDTH).unwrap(),
            };
            given.push(weigh(&ELECTION, &key(), place(position), &taken, WIDTH, &[1; 32]).unwrap());
        }
        (before, given)
    }

    fn check_with(sources: &[Option<usize>], before: &[u8], given: &[Vec<u8>]) -> Result<Vec<RowCulprit>> {
        let places: Vec<_> = (0..given.len()).map(place).collect();
        let counts: Vec<_> = given.iter().map(|rows| (rows.len() / SIZE) as u32).collect();
        let weighings = Weighings { places: &places, counts: &counts, sources };
        check(&ELECTION, &key(), weighings, before, &given.concat(), WIDTH)
    }

    #[test]
    fn what_one_gave_is_what_others_took() {
        let (before, given) = tree();
        assert_eq!(check_with(&SOURCES, &before, &given).unwrap(), []);
        let crossed = [None, Some(0), None, Some(1), Some(2), Some(0)];
        let all = [4, 5].map(|step| (0..ROWS).map(move |row| (step, row, REASON)));
        assert_eq!(
            check_with(&crossed, &before, &given).unwrap(),
            all.into_iter().flatten().collect::<Vec<_>>()
        );
    }

    #[test]
    fn each_is_judged_by_the_rows_it_takes() {
        let (before, given) = tree();
        let mut bad = given.clone();
        bad[0][3 * SIZE..][..32].copy_from_slice(&given[0][..32]); // another point: 1 and 4 took something else
        bad[3][SIZE - 32] ^= 1; // a response
        let expected = [(0, 3, REASON), (1, 3, REASON), (3, 0, REASON), (4, 3, REASON)];
        assert_eq!(check_with(&SOURCES, &before, &bad).unwrap(), expected);
        let mut unreadable = given.clone();
        unreadable[1][0] |= 1;
        let expected = [(1, 0, codec::BAD_POINT), (3, 0, codec::BAD_POINT)];
        assert_eq!(check_with(&SOURCES, &before, &unreadable).unwrap(), expected);
        let mut proof = given;
        proof[0][CIPHERTEXT * WIDTH..][..32].fill(0); // a commitment: what was given is as it was
        assert_eq!(check_with(&SOURCES, &before, &proof).unwrap(), [(0, 0, REASON)]);
    }

    #[test]
    fn sources_stand_before_and_have_as_many_rows() {
        let (before, given) = tree();
        let mut later = SOURCES;
        later[1] = Some(3);
        assert!(check_with(&later, &before, &given).is_err());
        let mut shorter = given;
        shorter[5].truncate(SIZE);
        assert!(check_with(&SOURCES, &before, &shorter).is_err());
        assert!(check_with(&SOURCES[..5], &before, &shorter[..4]).is_err());
    }
}
