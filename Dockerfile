# An image for CI jobs: no terminal, no desktop's keyring. docs/ci.md shows jobs that use it.
#   deno task pack && docker build -t aws-vault .
ARG BASE=docker.io/denoland/deno:debian-2.9.6
FROM ${BASE}
ARG VERSION=0.1.0
RUN apt-get update -qq \
  && apt-get install -y -qq --no-install-recommends ca-certificates curl jq \
  && rm -rf /var/lib/apt/lists/*
ADD dist/npm/aws-vault-${VERSION}.tgz /opt/node_modules/
# As npm lays it out, with the image's Deno in place of the package's own.
RUN cd /opt/node_modules \
  && mv package aws-vault \
  && mkdir deno && ln -s "$(command -v deno)" deno/deno \
  && ln -s /opt/node_modules/aws-vault/aws-vault /usr/local/bin/aws-vault \
  && useradd --create-home --uid 10001 ci
ENV AWS_VAULT_BACKEND=file
USER ci
WORKDIR /home/ci
ENTRYPOINT []
CMD ["/bin/bash"]
