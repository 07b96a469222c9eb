using RawWs.Compression;
using RawWs.Protocol;

namespace RawWs.Fuzz;

/// <summary>What an assembler is made with.</summary>
/// <param name="Limits">Its limits.</param>
/// <param name="Streaming">Whether messages are delivered in parts.</param>
/// <param name="DiscardAfter">After how many events messages are skipped; 0 for never.</param>
internal sealed record AssemblerSetup(MessageLimits Limits, bool Streaming = false, int DiscardAfter = 0)
{
    /// <summary>Larger than any input.</summary>
    public static readonly MessageLimits Roomy = new(MaxMessageSize: 1 << 20, MaxStreamedMessageSize: 1 << 20, MaxFragmentCount: 1024);

    /// <summary>Larger than any input, smaller than what one may inflate to.</summary>
    public static readonly MessageLimits Middling = new(MaxMessageSize: 1 << 16, MaxStreamedMessageSize: 1 << 16, MaxFragmentCount: 1024);

    /// <summary>Smaller than many.</summary>
    public static readonly MessageLimits Tight = new(MaxMessageSize: 40, MaxStreamedMessageSize: 70, MaxFragmentCount: 3);

    /// <summary>The most input that may wait: a message that is not whole and not copied, or a control frame, or a header.</summary>
    public int LongestKept => Math.Max(Limits.MaxMessageSize, 125) + FrameHeader.MaxLength;

    /// <summary>The most that is collected of a message: all of it, or one part.</summary>
    public int MostCollected => Streaming ? 16 * 1024 : Limits.MaxMessageSize;

    /// <summary>What permessage-deflate was agreed on with; null without it.</summary>
    public DeflateParameters? Deflate { get; init; }

    public override string ToString()
        => $"{(Streaming ? "streamed" : "whole")}, {$"up to {Limits.MaxMessageSize} bytes"}{(DiscardAfter > 0 ? $", discarding after {DiscardAfter}" : "")}{(Deflate is null ? "" : $", {Deflate}")}";
}
