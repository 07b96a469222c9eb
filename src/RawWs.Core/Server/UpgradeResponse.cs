using System.Net;
using RawWs.Protocol;

namespace RawWs;

/// <summary>The answer of an <see cref="WebSocketServerOptions.OnUpgrade"/> hook: made by <see cref="Accept"/> or <see cref="Refuse"/>.</summary>
public sealed class UpgradeResponse
{
    private UpgradeResponse()
    {
    }

    internal HttpStatusCode Status { get; private init; }

    internal string Body { get; private init; } = "";

    internal string? Subprotocol { get; private init; }

    internal ResponseHeaders Headers { get; private init; } = [];

    internal bool AllowCompression { get; private init; }

    internal object? UserState { get; private init; }

    /// <summary>Opens the connection.</summary>
    /// <param name="subprotocol">One of those that the client offers; null lets <see cref="WebSocketServerOptions.Subprotocols"/> decide.</param>
    /// <param name="headers">What to add to the response, for example a cookie.</param>
    /// <param name="userState">What the session finds as <see cref="WebSocketConnection.UserState"/>, for example who the user is.</param>
    /// <param name="allowCompression">False declines permessage-deflate for this client, for example one that is known to mishandle it.</param>
    /// <exception cref="ArgumentException">The subprotocol is no token.</exception>
    public static UpgradeResponse Accept(
        string? subprotocol = null, ResponseHeaders? headers = null, object? userState = null, bool allowCompression = true)
    {
        if (subprotocol is not null && !HttpGrammar.IsToken(subprotocol))
            throw new ArgumentException($"A subprotocol is a token: {HttpGrammar.TokenCharacters}.", nameof(subprotocol));

        return new UpgradeResponse
        {
            Status = HttpStatusCode.SwitchingProtocols,
            Subprotocol = subprotocol,
            Headers = headers ?? [],
            UserState = userState,
            AllowCompression = allowCompression,
        };
    }

    /// <summary>Answers with another status, and closes.</summary>
    /// <param name="status">300 to 599: 401 for who must log in first, 403 for who may not, 429 for who comes too often.</param>
    /// <param name="body">A text for people.</param>
    /// <param name="headers">What to add to the response.</param>
    /// <exception cref="ArgumentOutOfRangeException">The status is none of 300 to 599.</exception>
    public static UpgradeResponse Refuse(HttpStatusCode status, string body = "", ResponseHeaders? headers = null)
    {
        ArgumentNullException.ThrowIfNull(body);
        if ((int)status is < 300 or > 599)
            throw new ArgumentOutOfRangeException(nameof(status), status, "A refusal has a status of 300 to 599.");

        return new UpgradeResponse { Status = status, Body = body, Headers = headers ?? [] };
    }
}
