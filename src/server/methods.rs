//! The methods that the server has, by their full names, from the contract itself: what a caller asks for beyond
//! them becomes no label of a metric.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use prost::Message;
use prost_types::FileDescriptorSet;

use crate::proto;

/// What any other path is called.
pub(super) const UNKNOWN: &str = "unknown";
/// Reflection's, which is in no descriptor that is built in.
const REFLECTION: [&str; 2] = [
    "grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
];

/// The method that a path names: `/demarche.v1.StanceService/Classify` is `demarche.v1.StanceService/Classify`.
pub(super) fn method_of(path: &str) -> &'static str {
    static METHODS: LazyLock<BTreeSet<String>> = LazyLock::new(all);
    path.strip_prefix('/').and_then(|name| METHODS.get(name)).map_or(UNKNOWN, String::as_str)
}

/// Whether it is one of the contract's, and not one that tools ask all the time.
pub(super) fn is_ours(method: &str) -> bool {
    method.starts_with("demarche.")
}

fn all() -> BTreeSet<String> {
    let sets = [proto::DESCRIPTOR, tonic_health::pb::FILE_DESCRIPTOR_SET];
    let files = sets.iter().filter_map(|set| FileDescriptorSet::decode(*set).ok()).flat_map(|set| set.file);
    let mut methods: BTreeSet<String> = REFLECTION.map(str::to_owned).into();
    for file in files {
        for service in &file.service {
            let name = |method: &str| format!("{}.{}/{method}", file.package(), service.name());
            methods.extend(service.method.iter().map(|method| name(method.name())));
        }
    }
    methods
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_contract_health_and_reflection() {
        for method in ["demarche.v1.StanceService/Classify", "grpc.health.v1.Health/Check", REFLECTION[0]] {
            assert_eq!(method_of(&format!("/{method}")), method);
        }
        for path in ["", "/", "/x", "demarche.v1.StanceService/Classify", "/demarche.v1.StanceService/Nope"] {
            assert_eq!(method_of(path), UNKNOWN, "{path:?}");
        }
    }
}
