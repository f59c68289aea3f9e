# syntax=docker/dockerfile:1
# Two stages: one that builds, one that runs. The second holds no compiler, no npm cache and no package that only development needs.

# The digest of the base image, for builds that must be the same each time: --build-arg BASE_DIGEST=sha256:... (docker buildx imagetools inspect node:24-bookworm-slim)
ARG BASE_DIGEST=""

FROM node:24-bookworm-slim${BASE_DIGEST:+@$BASE_DIGEST} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
COPY bin bin
# What bundles the verifier for browsers has its program for this platform in an optional package.
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY scripts scripts
COPY src src
RUN node scripts/build.ts
RUN node scripts/sbom.ts
# The image brings Node and Debian's browser, so neither is taken from npm.
RUN npm prune --omit=dev --omit=optional --ignore-scripts \
  && rm -rf node_modules/node-linux-* node_modules/.bin/node node_modules/@sparticuz \
  # Of each font, WOFF2 in regular and bold is printed; the regular WOFF tells which characters it has.
  && find node_modules/@fontsource -type f \( -name '*.woff2' -o -name '*.woff' \) ! -name '*-400-*' ! -name '*-700-*' -delete \
  && find node_modules/@fontsource -type f -name '*.woff' ! -name '*-400-normal.woff' -delete

FROM node:24-bookworm-slim${BASE_DIGEST:+@$BASE_DIGEST}
# One font is enough: pages bring their own, but without any the browser prints nothing.
RUN apt-get update \
  && apt-get install -y --no-install-recommends chromium-headless-shell fonts-dejavu-core tini \
  && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production \
  HOST=0.0.0.0 \
  PORT=8080 \
  ADMIN_PORT=8081 \
  DATA_DIR=/data \
  CACHE_DIR=/tmp/chartulary \
  # A container forbids the user namespaces that the browser's own sandbox is made of: the container is the sandbox.
  BROWSER_SANDBOX=0
WORKDIR /app
COPY --from=build /build/node_modules node_modules
COPY --from=build /build/dist dist
# What is in the image of npm's, as CycloneDX: for whoever holds it against a list of known faults.
COPY --from=build /build/sbom.cdx.json ./
COPY package.json LICENSE README.md CHANGELOG.md SECURITY.md ./
COPY bin bin
COPY templates templates
COPY fixtures/documents/valid fixtures/documents/valid
COPY docs docs
# /keys is for a volume of their own: KEYS_DIR=/keys/chartulary (compose.yaml). Without it the keys are in /data/keys.
RUN install -d -o node -g node -m 0700 /data /keys
USER node
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.ADMIN_PORT}/healthz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# One thing alone, without /data and /keys: `docker run … serve --only validate` (render, verify; docs/operating.md, Services of their own).
# tini hands signals on and reaps the browser's processes.
# V8 lets its young generation grow to 128 MB and gives none of it back; 32 MB are as fast here.
ENTRYPOINT ["/usr/bin/tini", "--", "node", "--max-semi-space-size=16", "bin/chartulary.js"]
CMD ["serve"]
