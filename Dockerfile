# The program alone, in an image without a shell; it needs DATABASE_URL, as no PostgreSQL is inside.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o /frontdesk ./cmd/frontdesk && mkdir /data

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /frontdesk /frontdesk
COPY --from=build --chown=nonroot:nonroot /data /data
ENV HOST=0.0.0.0 PORT=4000 DATA_DIR=/data
VOLUME /data
EXPOSE 4000
ENTRYPOINT ["/frontdesk"]
