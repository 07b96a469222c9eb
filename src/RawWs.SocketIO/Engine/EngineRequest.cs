using RawWs.SocketIO.Protocol;

namespace RawWs.SocketIO.Engine;

/// <summary>What a request of either kind says to Engine.IO.</summary>
/// <param name="Handshake">The request.</param>
internal readonly record struct EngineRequest(Handshake Handshake)
{
    /// <summary>The transport that it is for, null if it names none.</summary>
    public string? Transport => Handshake.GetQueryValue("transport");

    /// <summary>The session that it is for, null if it begins one: also if it names an empty one, as for Node's server.</summary>
    public string? Sid => Handshake.GetQueryValue("sid") is { Length: > 0 } sid ? sid : null;

    /// <summary>The origin of the page that asks, null if there is none.</summary>
    public string? Origin => Handshake.GetHeader("Origin");

    /// <summary>The protocol that it names; 3 for whoever names no other.</summary>
    public bool IsLegacy => Handshake.GetQueryValue("EIO") != "4";

    /// <summary>Which callback of the page wants the answer as a script, digits only; null if the answer is wanted as it is.</summary>
    public string? Callback => Handshake.GetQueryValue("j") is { } index ? string.Concat(index.Where(char.IsAsciiDigit)) : null;

    /// <summary>What the client of a new session speaks. A script has no place for bytes.</summary>
    public PacketFormat Format => new(IsLegacy, TakesBinary: string.IsNullOrEmpty(Handshake.GetQueryValue("b64")) && !(IsLegacy && Callback is not null));

    /// <summary>Whether a page of another site asks for a script, with what the browser knows of us: it could read the answer, whatever the rules for other origins are.</summary>
    public bool IsForeignScript
        => IsLegacy && Callback is not null && Handshake.GetHeader("Cookie") is not null && Handshake.GetHeader("Sec-Fetch-Site") is not (null or "same-origin" or "same-site" or "none");
}
