using System.Diagnostics.CodeAnalysis;

namespace RawWs.Redis;

/// <summary>The types of RESP2 and RESP3, the protocol of Redis.</summary>
[SuppressMessage("Naming", "CA1720", Justification = "They are called so in the protocol.")]
public enum RespType
{
    /// <summary>Nothing: <c>_</c>, or in RESP2 a bulk string or an array of the length -1.</summary>
    Null,

    /// <summary>A line of text: <c>+</c>.</summary>
    SimpleString,

    /// <summary>An error in a line, <c>-</c>, or of any length, <c>!</c>.</summary>
    Error,

    /// <summary>A signed number of 64 bits: <c>:</c>.</summary>
    Integer,

    /// <summary>Bytes: <c>$</c>.</summary>
    BulkString,

    /// <summary>Values in order: <c>*</c>.</summary>
    Array,

    /// <summary>True or false: <c>#</c>.</summary>
    Boolean,

    /// <summary>A number with a fraction: <c>,</c>.</summary>
    Double,

    /// <summary>A whole number of any size, kept as its digits: <c>(</c>.</summary>
    BigNumber,

    /// <summary>Text whose format is named by three characters: <c>=</c>. The name is not kept.</summary>
    VerbatimString,

    /// <summary>Keys and values, kept one after the other: <c>%</c>.</summary>
    Map,

    /// <summary>Values without an order: <c>~</c>.</summary>
    Set,

    /// <summary>What the server says without being asked: <c>&gt;</c>.</summary>
    Push,
}
