//! What becomes of a panic: a fault that is told to whoever asked, and never an answer.

use psephos_lanes::{Backend, DIFFER};
use std::any::Any;
use std::panic::{AssertUnwindSafe, Location, PanicHookInfo, catch_unwind};
use std::sync::{Mutex, PoisonError};

/// This program or this machine is at fault; says how, and never holds a secret.
#[derive(Debug, PartialEq, Eq)]
pub struct Fault(pub String);

/// Where the last panic came from.
static PLACE: Mutex<Option<String>> = Mutex::new(None);

/// `work()`; a fault where it panics, or where [`Backend::chosen`] refuses.
pub fn caught<T>(work: impl FnOnce() -> T) -> Result<T, Fault> {
    Backend::chosen().map_err(Fault)?;
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| Fault(told(&*panic)))
}

/// For `std::panic::set_hook`, in the place of the one that writes to standard error.
pub fn note(panic: &PanicHookInfo) {
    *PLACE.lock().unwrap_or_else(PoisonError::into_inner) = panic.location().map(Location::to_string);
}

/// That the two ways of computing differ is told in full; of any other panic, whose text may hold a value, where it is.
fn told(panic: &(dyn Any + Send)) -> String {
    if let Some(text) = panic.downcast_ref::<String>().filter(|text| text.starts_with(DIFFER)) {
        return text.clone();
    }
    let place = PLACE.lock().unwrap_or_else(PoisonError::into_inner).take();
    let place = place.map_or_else(String::new, |place| format!(" at {place}"));
    format!("internal error: panic{place}: please report it; PSEPHOS_TRACEBACK=1 shows more")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rayon::prelude::*;

    #[test]
    fn a_difference_is_told_in_full_whichever_thread_finds_it() {
        let work = || (0..100).into_par_iter().for_each(|n| assert!(n != 77, "{DIFFER} in {n}"));
        assert_eq!(caught(work), Err(Fault(format!("{DIFFER} in 77"))));
        assert_eq!(caught(|| 5), Ok(5));
    }

    #[test]
    fn of_another_panic_no_value_is_told() {
        let Fault(what) = caught::<()>(|| panic!("the secret is {}", 1234)).unwrap_err();
        assert!(what.starts_with("internal error: panic") && !what.contains("1234"), "{what}");
    }
}
