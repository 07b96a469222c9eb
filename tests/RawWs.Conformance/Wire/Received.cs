namespace RawWs.Conformance;

/// <summary>What the server sent next: a whole message, a pong, a close frame, or the end.</summary>
internal sealed record Received(ReceivedKind Kind, Opcode Opcode, byte[] Payload)
{
    public static readonly Received End = new(ReceivedKind.End, default, []);

    public static readonly Received Silence = new(ReceivedKind.Silence, default, []);

    public bool Compressed { get; init; }

    public int FrameCount { get; init; } = 1;

    /// <summary>The close code, or <see langword="null"/> if the close frame has no body.</summary>
    public int? Code => Payload.Length < 2 ? null : (Payload[0] << 8) | Payload[1];

    public override string ToString() => Kind switch
    {
        ReceivedKind.Message => $"a {Opcode} message of {Payload.Length} bytes",
        ReceivedKind.Pong => $"a pong of {Payload.Length} bytes",
        ReceivedKind.Close => $"a close frame {(Code is { } code ? $"with {code}" : "without a code")}",
        ReceivedKind.End => "the end of TCP",
        _ => "silence",
    };
}
