# The whole stack as one image: page, orchestrator, tools and table, run by a user without any privilege.
#
#   docker build -t serverless-llm .
#
# Programs are held there by the kernel, as on a laptop (level `strict`): Landlock and seccomp are for everybody, and Docker's own
# profile allows their calls since version 23. Nothing is to be added to a container for it, and no capability is needed.

# The version is that of rust-toolchain.toml.
FROM rust:1.95.0-slim-trixie AS build
WORKDIR /build
# The image's own compiler, without what only developers use.
ENV RUSTUP_TOOLCHAIN=1.95.0
COPY . .
RUN . deploy/paths && cargo build --release --locked -p local

FROM python:3.13-slim-trixie
# What programs may import in Lambda, they may import here.
COPY functions/code_interpreter/layer/requirements.txt /tmp/requirements.txt
RUN pip install --no-cache-dir --require-hashes --only-binary :all: --requirement /tmp/requirements.txt \
    && rm /tmp/requirements.txt \
    && useradd --uid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin serverless-llm \
    && install --directory --owner 10001 --group 10001 --mode 0700 /data
COPY --from=build /build/target/release/serverless-llm /usr/local/bin/serverless-llm
ENV DATA_DIR=/data PYTHON=/usr/local/bin/python3
USER 10001:10001
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s \
    CMD ["python3", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8080/health', timeout=3)"]
ENTRYPOINT ["serverless-llm"]
# Others than the container reach this address, so it asks for the access key whose digest is in ACCESS_KEY_SHA256.
CMD ["--host", "0.0.0.0"]
