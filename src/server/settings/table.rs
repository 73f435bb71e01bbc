//! Every setting of the server, once. Flags, variables, keys, checks, help and `docs/configuration.md` all come
//! from this table. Knows no value that anybody gave.

use std::fmt;
use std::net::SocketAddr;
use std::ops::RangeInclusive;

use tonic::codegen::http::Uri;

use crate::server::telemetry::log_filter;

/// One setting. Its flag, variable and key follow from its name.
#[derive(Debug)]
pub struct Setting {
    /// `drain_seconds`: the key in the file; `--drain-seconds` and `DEMARCHE_DRAIN_SECONDS` follow from it.
    pub name: &'static str,
    /// What is allowed.
    pub kind: Kind,
    /// What holds if nobody sets it.
    pub default: Fallback,
    /// What it does, in one or two sentences.
    pub meaning: &'static str,
}

/// What holds if nobody sets a setting.
#[derive(Debug)]
pub enum Fallback {
    /// This value.
    Value(&'static str),
    /// No value; in words, what that means.
    Unset(&'static str),
}

/// What values a setting takes.
#[derive(Debug)]
pub enum Kind {
    /// Where to listen.
    Address,
    /// A whole number within a range.
    Number(RangeInclusive<u64>),
    /// A number from 0 to 1.
    Share,
    /// On or off.
    Switch,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A file or a folder.
    Path,
    /// What the log tells: a level, or directives.
    Directives,
    /// Where a collector of traces listens.
    Endpoint,
}

use Fallback::{Unset, Value};

/// The setting that names the file; it cannot stand in the file itself.
pub const CONFIG: Setting = Setting {
    name: "config",
    kind: Kind::Path,
    default: Unset("no file"),
    meaning: "File of settings, in TOML. Not allowed in the file itself.",
};

/// All settings but [`CONFIG`], in the order of the documentation.
pub const SETTINGS: &[Setting] = &[
    Setting {
        name: "listen",
        kind: Kind::Address,
        default: Value("127.0.0.1:50051"),
        meaning: "Address of the gRPC server; port 0 takes a free one.",
    },
    Setting {
        name: "model",
        kind: Kind::Path,
        default: Unset("the model built in"),
        meaning: "Folder of a trained model. Not together with models. Read again at SIGHUP.",
    },
    Setting {
        name: "models",
        kind: Kind::Path,
        default: Unset("one model"),
        meaning: "Folder of model folders, at most 8, with a link `current` to the one that answers; callers may ask for \
                  the others by name and version. Not together with model. Read again when the link changes, and at \
                  SIGHUP.",
    },
    Setting {
        name: "parties",
        kind: Kind::Path,
        default: Unset("the tables built in"),
        meaning: "Folder of party tables. Read again when one changes.",
    },
    Setting {
        name: "workers",
        kind: Kind::Number(1..=1_024),
        default: Unset("one a core"),
        meaning: "Articles read at the same time, over all connections.",
    },
    Setting {
        name: "queue",
        kind: Kind::Number(0..=65_536),
        default: Value("64"),
        meaning: "Calls that may wait for a worker, over all connections; more get RESOURCE_EXHAUSTED with RetryInfo. \
                  The longer the queue, the longer the wait under overload.",
    },
    Setting {
        name: "streams",
        kind: Kind::Number(0..=65_536),
        default: Value("64"),
        meaning: "StreamClassify calls that may be open, over all connections; more get RESOURCE_EXHAUSTED with \
                  RetryInfo.",
    },
    Setting {
        name: "pause_seconds",
        kind: Kind::Number(0..=3_600),
        default: Value("0"),
        meaning: "After SIGTERM or Ctrl-C: seconds in which health already says NOT_SERVING but calls are still \
                  accepted, so that load balancers can turn away.",
    },
    Setting {
        name: "drain_seconds",
        kind: Kind::Number(0..=3_600),
        default: Value("10"),
        meaning: "After the pause: seconds that calls in flight may go on before they are cut.",
    },
    Setting {
        name: "compression",
        kind: Kind::Switch,
        default: Value("off"),
        meaning: "Whether messages may be compressed by gzip or zstd, if the client asks for it. Costs more time than \
                  it saves on a local network.",
    },
    Setting {
        name: "reflection",
        kind: Kind::Switch,
        default: Value("on"),
        meaning: "Whether clients may ask for the contract (grpc.reflection, v1 and v1alpha).",
    },
    Setting {
        name: "tls_certificate",
        kind: Kind::Path,
        default: Unset("no TLS"),
        meaning: "Certificate chain of the server, PEM. Needs tls_key. Read again when it changes.",
    },
    Setting {
        name: "tls_key",
        kind: Kind::Path,
        default: Unset("no TLS"),
        meaning: "Private key of the server, PEM. Needs tls_certificate. Read again when it changes.",
    },
    Setting {
        name: "tls_client_ca",
        kind: Kind::Path,
        default: Unset("clients need no certificate"),
        meaning: "Certificates of the authorities that clients' certificates must come from, PEM (mutual TLS). Needs \
                  tls_certificate and tls_key. Read again when it changes.",
    },
    Setting {
        name: "token_file",
        kind: Kind::Path,
        default: Unset("calls need no token"),
        meaning: "File of the callers' tokens: a name and the SHA-256 of a bearer token a line, as `demarche token` \
                  prints it. Read again when it changes.",
    },
    Setting {
        name: "admin_listen",
        kind: Kind::Address,
        default: Unset("no admin server"),
        meaning: "Address of the HTTP server for /metrics, /livez and /readyz. It has neither TLS nor tokens: keep it \
                  inside.",
    },
    Setting {
        name: "log_format",
        kind: Kind::Choice(&["text", "json"]),
        default: Value("text"),
        meaning: "How log lines on standard error are written.",
    },
    Setting {
        name: "log_level",
        kind: Kind::Directives,
        default: Value("info"),
        meaning: "What is logged, as in RUST_LOG: a level, or directives such as info,demarche::call=warn.",
    },
    Setting {
        name: "log_article_text",
        kind: Kind::Switch,
        default: Value("off"),
        meaning: "Whether texts of articles may stand in logs. Never in traces.",
    },
    Setting {
        name: "otlp_endpoint",
        kind: Kind::Endpoint,
        default: Unset("no traces"),
        meaning: "Collector that traces are sent to, by OTLP over gRPC.",
    },
    Setting {
        name: "otlp_share",
        kind: Kind::Share,
        default: Value("1"),
        meaning: "Share of the calls without a traceparent that are traced; with one, the caller has decided.",
    },
];

impl Setting {
    /// Its flag on the command line, without the hyphens in front.
    #[must_use]
    pub fn flag(&self) -> String {
        self.name.replace('_', "-")
    }

    /// Its environment variable.
    #[must_use]
    pub fn variable(&self) -> String {
        format!("DEMARCHE_{}", self.name.to_uppercase())
    }
}

impl Kind {
    /// Whether `value` is allowed.
    pub(super) fn allows(&self, value: &str) -> bool {
        match self {
            Self::Address => value.parse::<SocketAddr>().is_ok(),
            Self::Number(range) => value.parse().is_ok_and(|number| range.contains(&number)),
            Self::Share => value.parse().is_ok_and(|share| (0.0..=1.0).contains(&share)),
            Self::Switch => switch(value).is_some(),
            Self::Choice(words) => words.contains(&value),
            Self::Path => !value.is_empty(),
            Self::Directives => log_filter(value).is_some(),
            Self::Endpoint => {
                value.parse::<Uri>().is_ok_and(|uri| uri.scheme_str() == Some("http") && uri.authority().is_some())
            }
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address => f.write_str("an IP address with a port, such as 127.0.0.1:50051"),
            Self::Number(range) => write!(f, "a whole number from {} to {}", range.start(), range.end()),
            Self::Share => f.write_str("a number from 0 to 1"),
            Self::Switch => f.write_str("on or off"),
            Self::Choice(words) => f.write_str(&words.join(" or ")),
            Self::Path => f.write_str("a path"),
            Self::Directives => {
                f.write_str("error, warn, info, debug, trace or off, or directives such as info,demarche::call=warn")
            }
            Self::Endpoint => f.write_str("a URL such as http://127.0.0.1:4317"),
        }
    }
}

impl fmt::Display for Fallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Value(text) | Unset(text)) = self;
        f.write_str(text)
    }
}

/// On and off, in the words of a shell and of TOML.
pub(super) fn switch(value: &str) -> Option<bool> {
    match value {
        "on" | "true" => Some(true),
        "off" | "false" => Some(false),
        _ => None,
    }
}
