using System.Text;
using RawWs.Protocol;
using RawWs.Testing;

namespace RawWs.Fuzz;

/// <summary>What a client says, and to which server.</summary>
/// <param name="Wire">All its bytes.</param>
/// <param name="Limits">The limits of the server.</param>
/// <param name="Compression">Whether the server compresses.</param>
/// <param name="SessionKind">What the application does.</param>
internal sealed record ConnectionSetup(byte[] Wire, MessageLimits Limits, CompressionMode Compression, int SessionKind)
{
    /// <summary>Where the other client goes, which is always echoed.</summary>
    public const string BystanderPath = "/bystander";

    private const int Echo = 0, StreamEcho = 1, CloseAfterOne = 2, ReturnAtOnce = 3, PingAndEcho = 4;

    private static readonly string[] Offers =
    [
        "", "", "Sec-WebSocket-Extensions: permessage-deflate\r\n", "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n",
        "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9\r\n",
        "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=8; server_max_window_bits=10\r\n",
    ];

    /// <summary>Whether the session sends back what it gets.</summary>
    public bool IsEcho => SessionKind is Echo or StreamEcho or PingAndEcho;

    /// <summary>Where the frames begin, if the handshake is the one that is put before them.</summary>
    public int HeadLength => PlainRequest.Read(Wire)?.Length ?? Wire.Length;

    public static ConnectionSetup Draw(byte[] input, SplitMix64 random)
    {
        var handshake = Encoding.ASCII.GetBytes(WireClient.Handshake + random.Of<string>(Offers) + "\r\n");
        return new ConnectionSetup(
            ConversationGrammar.BeginsWithHead(input) ? input : [.. handshake, .. input],
            random.OneIn(3) ? AssemblerSetup.Tight : AssemblerSetup.Roomy,
            random.Of<CompressionMode>([CompressionMode.Off, CompressionMode.Shared, CompressionMode.Dedicated]),
            random.Of<int>([Echo, Echo, Echo, StreamEcho, StreamEcho, CloseAfterOne, ReturnAtOnce, PingAndEcho]));
    }

    public void Configure(WebSocketServerOptions options)
    {
        (options.MaxMessageSize, options.MaxStreamedMessageSize, options.MaxFragmentCount)
            = (Limits.MaxMessageSize, Limits.MaxStreamedMessageSize, Limits.MaxFragmentCount);
        (options.Compression, options.CompressionThreshold) = (Compression, 4);
        options.Subprotocols.Add("chat");
    }

    public async Task Session(WebSocketConnection connection, CancellationToken cancellationToken)
    {
        switch (connection.Path == BystanderPath ? Echo : SessionKind)
        {
            case StreamEcho:
                while (await connection.ReceiveStreamAsync(cancellationToken) is { } stream)
                    await connection.SendAsync(stream, stream.Type, cancellationToken);
                break;

            case CloseAfterOne:
                await connection.ReceiveAsync(cancellationToken);
                await connection.CloseAsync((CloseCode)4000, "enough");
                break;

            case ReturnAtOnce:
                break;

            case PingAndEcho:
                var pinged = connection.PingAsync(cancellationToken);
                try
                {
                    await TestServer.EchoAsync(connection, cancellationToken);
                }
                finally
                {
                    await ((Task)pinged).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }

                break;

            default:
                await TestServer.EchoAsync(connection, cancellationToken);
                break;
        }
    }
}
