//! Sealed files in the format age-encryption.org/v1, by the `age` crate. The scrypt factor is the caller's:
//! left to itself, the crate takes its measure of the machine, and of its load at that moment.

use ::age::secrecy::{ExposeSecret, SecretString};
use ::age::{DecryptError, scrypt, x25519};
use psephos_core::error::{FormatError as Refusal, Result, require};
use pyo3::prelude::*;

use crate::buffers::{Buffer, run_here};

/// What a stanza holds is authenticated by the passphrase alone.
const WRONG: &str = "wrong passphrase, or the file's first lines have been changed";

#[pyfunction]
fn age_identity() -> String {
    x25519::Identity::generate().to_string().expose_secret().to_owned()
}

#[pyfunction]
fn age_recipient(py: Python, secret: &str) -> PyResult<String> {
    run_here(py, || Ok(identity(secret)?.to_public().to_string()))
}

#[pyfunction]
fn age_seal(py: Python, data: Buffer, secret: &str) -> PyResult<Vec<u8>> {
    run_here(py, || seal(&identity(secret)?.to_public(), &data))
}

#[pyfunction]
fn age_open(py: Python, sealed: Buffer, secret: &str) -> PyResult<Vec<u8>> {
    run_here(py, || {
        age::decrypt(&identity(secret)?, &sealed).map_err(|error| match error {
            DecryptError::NoMatchingKeys => Refusal("sealed to another identity".into()),
            _ => damaged(&error),
        })
    })
}

#[pyfunction]
fn age_seal_to_passphrase(py: Python, data: Buffer, passphrase: String, factor: u8) -> PyResult<Vec<u8>> {
    let passphrase = SecretString::from(passphrase);
    run_here(py, || {
        require((1..64).contains(&factor), || format!("scrypt factor {factor}: not 1 to 63"))?;
        let mut recipient = scrypt::Recipient::new(passphrase);
        recipient.set_work_factor(factor);
        seal(&recipient, &data)
    })
}

#[pyfunction]
fn age_open_with_passphrase(
    py: Python,
    sealed: Buffer,
    passphrase: String,
    ceiling: u8,
) -> PyResult<Vec<u8>> {
    let mut identity = scrypt::Identity::new(SecretString::from(passphrase));
    identity.set_max_work_factor(ceiling);
    run_here(py, || {
        age::decrypt(&identity, &sealed).map_err(|error| match error {
            DecryptError::DecryptionFailed => Refusal(WRONG.into()),
            DecryptError::NoMatchingKeys => Refusal("not sealed to a passphrase".into()),
            DecryptError::ExcessiveWork { required, .. } => Refusal(format!(
                "made with scrypt factor {required}, at most {ceiling} is opened here: seal it again with \
                     a lower one, by any age program"
            )),
            _ => damaged(&error),
        })
    })
}

fn identity(secret: &str) -> Result<x25519::Identity> {
    secret.parse().map_err(|_| Refusal("age identity: not one of X25519".into()))
}

fn seal(recipient: &impl age::Recipient, data: &[u8]) -> Result<Vec<u8>> {
    age::encrypt(recipient, data).map_err(|error| Refusal(format!("age: {error}")))
}

/// The crate's words are those of its translations; ours are the same everywhere.
fn damaged(error: &DecryptError) -> Refusal {
    let what = match error {
        DecryptError::UnknownFormat => "damaged, or of a newer version of age",
        DecryptError::InvalidHeader => "damaged, or no age file",
        _ => "damaged",
    };
    Refusal(format!("the file is {what}"))
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(age_identity, module)?)?;
    module.add_function(wrap_pyfunction!(age_recipient, module)?)?;
    module.add_function(wrap_pyfunction!(age_seal, module)?)?;
    module.add_function(wrap_pyfunction!(age_open, module)?)?;
    module.add_function(wrap_pyfunction!(age_seal_to_passphrase, module)?)?;
    module.add_function(wrap_pyfunction!(age_open_with_passphrase, module)?)
}
