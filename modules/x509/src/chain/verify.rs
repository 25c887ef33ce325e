//! OpenSSL's verdict on a chain: path lengths, name constraints, unknown critical extensions and
//! whatever else path validation asks for.

use jiff::Timestamp;
use openssl::error::ErrorStack;
use openssl::stack::Stack;
use openssl::x509::store::X509StoreBuilder;
use openssl::x509::verify::X509VerifyParam;
use openssl::x509::{X509StoreContext, X509VerifyResult};

use super::{Chain, ChainError};

pub(super) fn verify(chain: &Chain, at: Timestamp) -> Result<(), ChainError> {
    let refused = |depth: usize, reason: String| {
        let subject = chain.0.get(depth).unwrap_or(chain.leaf()).subject.clone();
        Err(ChainError::Refused {
            subject,
            reason,
            chain: Box::new(chain.clone()),
        })
    };
    match ask(chain, at) {
        Ok(None) => Ok(()),
        Ok(Some((depth, reason))) => refused(depth, reason.error_string().to_owned()),
        Err(error) => refused(0, error.to_string()),
    }
}

/// `None` where the chain is valid, else at which certificate (0 is the leaf) and why not.
fn ask(chain: &Chain, at: Timestamp) -> Result<Option<(usize, X509VerifyResult)>, ErrorStack> {
    let mut param = X509VerifyParam::new()?;
    param.set_time(at.as_second());
    let mut store = X509StoreBuilder::new()?;
    store.add_cert(chain.root().x509().to_owned())?;
    store.set_param(&param)?;
    let mut intermediates = Stack::new()?;
    for issuer in chain.issuers().skip(1) {
        intermediates.push(issuer.x509().to_owned())?;
    }
    X509StoreContext::new()?.init(&store.build(), chain.leaf().x509(), &intermediates, |context| {
        let valid = context.verify_cert()?;
        let depth = usize::try_from(context.error_depth()).unwrap_or(0);
        Ok((!valid).then(|| (depth, context.error())))
    })
}
