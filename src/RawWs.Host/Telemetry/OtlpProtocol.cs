namespace RawWs.Host;

/// <summary>How a collector is spoken to.</summary>
internal enum OtlpProtocol
{
    /// <summary>Protobuf in HTTP/1.1 requests, by convention to port 4318.</summary>
    Http,

    /// <summary>gRPC, by convention to port 4317.</summary>
    Grpc,
}
