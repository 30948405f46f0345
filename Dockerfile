# The operator alone: one static binary and the certificates of public authorities, no shell.
# The same sources give the same image, on whatever machine and for whatever platform it is built.
FROM --platform=$BUILDPLATFORM golang:1.26.8-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY cmd cmd
COPY pkg pkg
ARG TARGETOS
ARG TARGETARCH
ARG VERSION=unknown
RUN CGO_ENABLED=0 GOOS=${TARGETOS} GOARCH=${TARGETARCH} go build -trimpath -buildvcs=false \
    -ldflags "-s -w -buildid= -X github.com/secretsync/secretsync/pkg/version.linked=${VERSION}" -o /secretsync ./cmd/secretsync

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /secretsync /secretsync
USER 65532:65532
ENTRYPOINT ["/secretsync"]
