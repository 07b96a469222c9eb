# Both images are given by whoever builds, because where they are kept is theirs to choose: one with the .NET 10 SDK, and one with the .NET 10 runtime, for the
# same processor and the same C library. docs/deployment.md has the command.
ARG SDK_IMAGE
ARG RUNTIME_IMAGE

FROM ${SDK_IMAGE} AS build
WORKDIR /source

# What is restored is kept until a project or a version changes.
COPY global.json Directory.Build.props Directory.Packages.props BannedSymbols.txt ./
COPY src/RawWs.Core/RawWs.Core.csproj src/RawWs.Core/
COPY src/RawWs.Redis/RawWs.Redis.csproj src/RawWs.Redis/
COPY src/RawWs.SocketIO/RawWs.SocketIO.csproj src/RawWs.SocketIO/
COPY src/RawWs.Host/RawWs.Host.csproj src/RawWs.Host/
COPY src/RawWs.Host/Properties src/RawWs.Host/Properties
RUN dotnet restore src/RawWs.Host -p:PublishProfile=linux-x64 -p:RuntimeIdentifier=linux-x64 -p:PublishReadyToRun=true
COPY .editorconfig README.md LICENSE ./
COPY src src
RUN dotnet publish src/RawWs.Host --no-restore -p:PublishProfile=linux-x64 --output /out

FROM ${RUNTIME_IMAGE}
COPY --from=build /out/rawws /usr/local/bin/rawws

# By number, so that a cluster that refuses root can see that it is none. It owns nothing here.
USER 64198:64198
EXPOSE 3000

# All addresses: which of them lead here is decided outside. Flags win over these, and these over a file. The probe below asks RAWWS_PORT.
ENV RAWWS_HOST=* RAWWS_PORT=3000 RAWWS_LOG_FORMAT=json

ENTRYPOINT ["/usr/local/bin/rawws"]

# A probe without a shell and a curl: bash, where the image has one, speaks TCP. Clusters use their own probes instead, on /healthz and /readyz.
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/${RAWWS_PORT} && printf 'GET /healthz HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && read -r line <&3 && [[ $line == *' 200 '* ]]"]
