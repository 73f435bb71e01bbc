# The service as an image: one binary on distroless, no shell, not root. docs/operations.md tells how to run it.

FROM rust:1.95-slim-bookworm AS build
WORKDIR /build
# Nothing is built twice within an image, so the state of an incremental build would only be weight. Addresses that the
# loader fills in are packed, which saves a megabyte; this Debian's C library (2.36) is the first that reads them.
ENV CARGO_INCREMENTAL=0 \
    RUSTFLAGS="-C link-arg=-Wl,-z,pack-relative-relocs"

# The dependencies, on sources that do nothing: they are built again only if these two files change.
COPY Cargo.toml Cargo.lock ./
# The pipe hides no failure: `echo` has none.
# hadolint ignore=DL4006
RUN mkdir -p src benches/load \
    && echo 'fn main() {}' | tee build.rs src/main.rs benches/pipeline.rs benches/stages.rs benches/training.rs \
        benches/reading.rs benches/load/main.rs \
    && touch src/lib.rs \
    && cargo build --release --locked

# The code. `touch`, because a copied file may be older than the build before it, which cargo takes for "unchanged".
COPY build.rs ./
COPY proto proto
COPY data data
COPY models models
COPY src src
RUN touch build.rs src/main.rs src/lib.rs && cargo build --release --locked

FROM gcr.io/distroless/cc-debian12:nonroot AS distroless

# Of distroless only what the binary loads: the C library, accounts, certificates. The rest of it (OpenSSL, C++,
# tables of character sets) is more than half of its 24 MB.
FROM scratch
COPY --from=distroless /etc /etc
COPY --from=distroless /lib /lib
# Where amd64 has its loader; other architectures have no such folder.
COPY --from=distroless /lib6[4] /lib64/
LABEL org.opencontainers.image.title="demarche" \
    org.opencontainers.image.description="Reads news articles and tells which country stands where, over gRPC" \
    org.opencontainers.image.version="0.1.0" \
    org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /build/target/release/demarche /usr/local/bin/demarche
# By number, so that an orchestrator can tell that it is not root.
USER 65532:65532
ENV DEMARCHE_LISTEN=0.0.0.0:50051
EXPOSE 50051
# With TLS, or on another port, give it the address: see `demarche health --help`.
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s CMD ["/usr/local/bin/demarche", "health"]
ENTRYPOINT ["/usr/local/bin/demarche"]
CMD ["serve"]
