using RawWs.Conformance;
using RawWs.Testing;

namespace RawWs.Tests.Compression;

/// <summary>A client whose half of permessage-deflate shares no line with the server's: a decoder of its own, which knows how far back it may look.</summary>
internal sealed class DeflateClient : IAsyncDisposable
{
    private readonly WireClient _wire;

    private DeflateClient(WireClient wire, string head)
    {
        (_wire, Head) = (wire, head);
        Answer = head.Split("\r\n").Where(line => line.StartsWith("Sec-WebSocket-Extensions:", StringComparison.Ordinal))
            .Select(line => line["Sec-WebSocket-Extensions:".Length..].Trim()).SingleOrDefault();
        Session = DeflateSession.FromResponse(Answer);
    }

    /// <summary>The head of the server's response.</summary>
    public string Head { get; }

    /// <summary>What the server answered to the offer; null if it has no such header.</summary>
    public string? Answer { get; }

    /// <summary>What was agreed on; null if nothing was.</summary>
    public DeflateSession? Session { get; }

    /// <summary>The connection as it is.</summary>
    public WireClient Wire => _wire;

    public static async Task<DeflateClient> OpenAsync(WireClient wire, string? offer = "permessage-deflate; client_max_window_bits")
        => new(wire, await wire.OpenAsync(offer is null ? "" : $"Sec-WebSocket-Extensions: {offer}\r\n"));

    /// <summary>Reads the next message, which must be one frame.</summary>
    public async Task<(byte[] Payload, bool IsCompressed, int Opcode)> ReadMessageAsync()
    {
        var frame = await _wire.ReadFrameAsync();
        return MessageOf(frame);
    }

    /// <summary>Decompresses a frame, in the order in which it came.</summary>
    public (byte[] Payload, bool IsCompressed, int Opcode) MessageOf(WireFrame frame)
    {
        Assert.True(frame.Fin);
        Assert.Contains(frame.Opcode, (int[])[1, 2]);
        Assert.Equal(0, frame.First & 0x30);
        var isCompressed = (frame.First & 0x40) != 0;
        return (isCompressed ? Session!.Inflate(frame.Payload) : frame.Payload, isCompressed, frame.Opcode);
    }

    public ValueTask DisposeAsync() => _wire.DisposeAsync();
}
