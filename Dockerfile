# The operator alone: one static binary and the certificates of public authorities, no shell.
FROM golang:1.26.8-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY cmd cmd
COPY pkg pkg
ARG VERSION=unknown
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false \
    -ldflags "-s -w -X github.com/secretsync/secretsync/pkg/operator.version=${VERSION}" -o /secretsync ./cmd/secretsync

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /secretsync /secretsync
USER 65532:65532
ENTRYPOINT ["/secretsync"]
