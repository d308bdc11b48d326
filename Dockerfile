# syntax=docker/dockerfile:1
# A small image with the one binary, run by an unprivileged user.
#
#   docker build -t masthead .
#   docker run -p 8080:8080 -v masthead:/data masthead serve --with-sample-content

FROM rust:1-bookworm AS build
WORKDIR /src
COPY . .
# The registry and the target folder are caches: a change to the code compiles the code alone.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --bin masthead \
    && cp target/release/masthead /masthead \
    && install --directory --owner=65532 --group=65532 /data

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /masthead /usr/local/bin/masthead
COPY --from=build --chown=65532:65532 /data /data
WORKDIR /data
# Where the system gives huge pages unasked, they would be taken for 20 MB of which hardly any is used.
ENV MASTHEAD_LISTEN=0.0.0.0:8080 MIMALLOC_ALLOW_THP=0
EXPOSE 8080
VOLUME /data
USER 65532:65532
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["/usr/local/bin/masthead", "health"]
ENTRYPOINT ["/usr/local/bin/masthead"]
CMD ["serve"]
