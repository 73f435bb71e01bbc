//! TLS by rustls with ring: the server's certificates, and connections that have shaken hands.
//!
//! Each handshake takes the configuration of its moment, so new certificates need no restart and open connections
//! keep theirs. Knows no service and no call.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_stream::wrappers::ReceiverStream;

use super::reload::{FileError, FromFiles, Reloads};
use super::settings::TlsFiles;

/// How long a handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Most handshakes at once; further connections wait in the kernel's queue.
const MAX_HANDSHAKES: usize = 256;
/// After accepting failed, for instance because the process has no more files: trying again at once would fail too.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The certificates, read again when they change.
pub type Tls = FromFiles<ServerConfig>;

/// Reads the certificates.
///
/// # Errors
/// [`FileError`] for a file that cannot be read or is not what it should be.
pub fn open_tls(files: &TlsFiles) -> Result<Tls, FileError> {
    let paths = [Some(&files.certificate), Some(&files.key), files.client_ca.as_ref()];
    let files = files.clone();
    FromFiles::open(Reloads::Certificates, paths.into_iter().flatten().cloned().collect(), move |contents| {
        configure(&files, contents)
    })
}

/// A connection's configuration from the content of the files, in the order of [`open_tls`].
fn configure(files: &TlsFiles, contents: &[Vec<u8>]) -> Result<ServerConfig, FileError> {
    let provider = Arc::new(ring::default_provider());
    let chain = certificates(&files.certificate, &contents[0])?;
    let key = PrivateKeyDer::from_pem_slice(&contents[1])
        .map_err(|error| FileError::new(&files.key, format!("is no private key in PEM: {error}")))?;
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| FileError::new(&files.certificate, error))?;
    let builder = match &files.client_ca {
        None => builder.with_no_client_auth(),
        Some(path) => {
            let mut roots = RootCertStore::empty();
            for certificate in certificates(path, &contents[2])? {
                roots.add(certificate).map_err(|error| FileError::new(path, error))?;
            }
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
            builder.with_client_cert_verifier(verifier.map_err(|error| FileError::new(path, error))?)
        }
    };
    // Fails too if the key does not belong to the certificate.
    let mut config = builder.with_single_cert(chain, key).map_err(|error| FileError::new(&files.certificate, error))?;
    config.alpn_protocols = vec![b"h2".to_vec()];
    Ok(config)
}

fn certificates(path: &Path, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, FileError> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let chain = chain.map_err(|error| FileError::new(path, format!("is no PEM: {error}")))?;
    if chain.is_empty() {
        return Err(FileError::new(path, "has no certificate in PEM (-----BEGIN CERTIFICATE-----)"));
    }
    Ok(chain)
}

/// Accepts until the stream is dropped, and shakes hands beside, so that a silent client holds up nobody.
pub(super) fn incoming(listener: TcpListener, tls: Arc<Tls>) -> ReceiverStream<io::Result<TlsStream<TcpStream>>> {
    let (ready, connections) = mpsc::channel(1);
    tokio::spawn(accept(listener, tls, ready));
    ReceiverStream::new(connections)
}

type Ready = mpsc::Sender<io::Result<TlsStream<TcpStream>>>;

async fn accept(listener: TcpListener, tls: Arc<Tls>, ready: Ready) {
    let slots = Arc::new(Semaphore::new(MAX_HANDSHAKES));
    loop {
        let next = async {
            let slot = Arc::clone(&slots).acquire_owned().await.map_err(io::Error::other)?;
            Ok((slot, listener.accept().await?.0))
        };
        let accepted: io::Result<_> = tokio::select! {
            () = ready.closed() => return,
            accepted = next => accepted,
        };
        match accepted {
            Ok((slot, stream)) => _ = tokio::spawn(shake_hands(stream, tls.current(), ready.clone(), slot)),
            Err(error) => {
                tracing::warn!(%error, "a connection cannot be accepted");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn shake_hands(stream: TcpStream, config: Arc<ServerConfig>, ready: Ready, _slot: OwnedSemaphorePermit) {
    let shaken = async {
        stream.set_nodelay(true)?;
        TlsAcceptor::from(config).accept(stream).await
    };
    match timeout(HANDSHAKE, shaken).await {
        // Nobody is there to take it only when the server stops.
        Ok(Ok(stream)) => _ = ready.send(Ok(stream)).await,
        // Probes of the port and scanners do this all the time.
        Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
        Err(_) => tracing::debug!("a TLS handshake took longer than {HANDSHAKE:?}"),
    }
}
