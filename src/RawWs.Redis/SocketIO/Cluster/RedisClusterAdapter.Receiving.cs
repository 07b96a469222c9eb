using System.Text.Json;
using RawWs.Redis.SocketIO;
using RawWs.SocketIO;
using RawWs.SocketIO.Protocol;

namespace RawWs.Redis;

// What other servers say. All of it on a thread that reads from Redis, but for what the application does with it.
public abstract partial class RedisClusterAdapter
{
    /// <summary>Takes what another server has said.</summary>
    /// <param name="type">What it is.</param>
    /// <param name="uid">The server.</param>
    /// <param name="body">What came.</param>
    /// <param name="data">The part of it that says what it is about.</param>
    /// <param name="offset">Where it is in the stream, for clients that come back; null if it is in none.</param>
    /// <returns>Whether it was for this server.</returns>
    /// <exception cref="JsonException">It makes no sense.</exception>
    private protected bool Take(ClusterMessageType? type, string uid, AdapterBody body, JsonElement data, string? offset)
    {
        var options = AdapterBody.Member(data, "opts"u8);
        switch (type)
        {
            case ClusterMessageType.Broadcast:
                return TakeBroadcast(uid, body, data, AdapterBody.OptionsOf(options), offset);

            case ClusterMessageType.SocketsJoin:
                _ = base.JoinSocketsAsync(AdapterBody.OptionsOf(options), [.. AdapterBody.RoomsOf(AdapterBody.Member(data, "rooms"u8))]);
                return true;

            case ClusterMessageType.SocketsLeave:
                _ = base.LeaveSocketsAsync(AdapterBody.OptionsOf(options), [.. AdapterBody.RoomsOf(AdapterBody.Member(data, "rooms"u8))]);
                return true;

            case ClusterMessageType.DisconnectSockets:
                _ = base.DisconnectSocketsAsync(AdapterBody.OptionsOf(options), AdapterBody.Member(data, "close"u8).ValueKind == JsonValueKind.True);
                return true;

            case ClusterMessageType.FetchSockets:
                DescribeSockets(uid, RequestIdOf(data), AdapterBody.OptionsOf(options));
                return true;

            case ClusterMessageType.ServerSideEmit:
                return TakeServerSideEmit(uid, body, data);

            case ClusterMessageType.FetchSocketsResponse or ClusterMessageType.ServerSideEmitResponse or ClusterMessageType.BroadcastClientCount or ClusterMessageType.BroadcastAck:
                return _requests.TryReceive(body, data);

            case ClusterMessageType.InitialHeartbeat or ClusterMessageType.Heartbeat or ClusterMessageType.AdapterClose:
                // How many servers there are Redis says.
                return false;

            default:
                Connection.Metrics.Ignored("foreign");
                return false;
        }
    }

    private void Receive(RedisMessage message)
    {
        try
        {
            var body = Reader.Read(message.Payload.Span);
            var root = body.Root;
            if (AdapterBody.TextOf(AdapterBody.Member(root, "uid"u8)) is not { } uid || AdapterBody.TextOf(AdapterBody.Member(root, "nsp"u8)) is not { } nsp)
                throw new JsonException("A message says where it comes from, and for which namespace.");

            if (uid == Uid)
            {
                _requests.ReceiveOwn(AdapterBody.Member(root, "data"u8));
                return;
            }

            if (nsp != Namespace.Name)
                Connection.Metrics.Ignored("foreign");
            else if (Take((ClusterMessageType?)AdapterBody.NumberOf(AdapterBody.Member(root, "type"u8)), uid, body, AdapterBody.Member(root, "data"u8), offset: null))
                Connection.Metrics.Received();
        }
        catch (JsonException)
        {
            Connection.Metrics.Ignored("malformed");
        }
    }

    private bool TakeBroadcast(string uid, AdapterBody body, JsonElement data, BroadcastOptions options, string? offset)
    {
        if (!Reader.TryReadPacket(body, AdapterBody.Member(data, "packet"u8), Namespace.Name, out var packet))
        {
            Connection.Metrics.Ignored("foreign");
            return false;
        }

        if (AdapterBody.TextOf(AdapterBody.Member(data, "requestId"u8)) is { } requestId)
        {
            var answers = new AnswerSender(
                count => Answer(uid, new CountAnswer(requestId, count)), value => Answer(uid, new ValueAnswer(ClusterMessageType.BroadcastAck, requestId, value)));
            Ask(packet, options, answers, Reader.BeginAsking(options));
        }
        else
        {
            Deliver(offset is null || options.IsVolatile ? packet : packet.WithOffset(offset), options);
        }

        return true;
    }

    private void DescribeSockets(string uid, string requestId, BroadcastOptions options)
        => Answer(uid, new SocketsAnswer(requestId, [.. FindLocalSockets(options).Select(static socket => SocketDescription.Of(new RemoteSocket(socket)))]));

    private bool TakeServerSideEmit(string uid, AdapterBody body, JsonElement data)
    {
        var (name, values) = body.EventOf(Namespace, AdapterBody.Member(data, "packet"u8));
        var requestId = AdapterBody.TextOf(AdapterBody.Member(data, "requestId"u8));
        Action<EventValue?>? acknowledge = requestId is null ? null : value => Answer(uid, new ValueAnswer(ClusterMessageType.ServerSideEmitResponse, requestId, value));
        if (_handlers.TryPost(() => _ = ReceiveServerSideAsync(name, values, acknowledge)))
            return true;

        Connection.Metrics.Ignored("full");
        return false;
    }

    private void Answer(string uid, ClusterMessage answer)
    {
        try
        {
            _ = TryAnswerAsync(uid, answer);
        }
        catch (Exception error) when (error is NotSupportedException or JsonException or PacketException or InvalidOperationException)
        {
            // What the application keeps with a socket may be nothing that can be written. Whoever asks learns that its answer is not complete.
            Connection.NotAnswered(error);
        }
    }

    private static string RequestIdOf(JsonElement data) => AdapterBody.TextOf(AdapterBody.Member(data, "requestId"u8)) ?? throw new JsonException("A request has an id.");
}
