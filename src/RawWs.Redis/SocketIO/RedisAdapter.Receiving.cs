using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using RawWs.Redis.SocketIO;
using RawWs.SocketIO;
using RawWs.SocketIO.Protocol;

namespace RawWs.Redis;

// What other servers say. All of it on the thread that reads from Redis, but for what the application does with it.
public sealed partial class RedisAdapter
{
    private void Receive(RedisMessage message)
    {
        try
        {
            var isUnderstood = message.Channel == _channels.Requests.Name ? ReceiveRequest(Read(message))
                : message.Channel.StartsWith(_channels.Responses.Name, StringComparison.Ordinal) ? ReceiveResponse(Read(message))
                : ReceiveBroadcast(message);
            if (isUnderstood)
                _connection.Metrics.Received();
        }
        catch (JsonException)
        {
            _connection.Metrics.Ignored("malformed");
        }
    }

    private AdapterBody Read(RedisMessage message) => _reader.Read(message.Payload.Span);

    /// <returns>Whether it was for this server, here and below.</returns>
    private bool ReceiveBroadcast(RedisMessage message)
    {
        // Most servers have nobody in most rooms: for them the rest need not be read.
        var room = _channels.RoomOf(message.Channel);
        if (room.Length > 0 && !HasLocalRoom(room))
            return false;

        var body = Read(message);
        if (body.Root.ValueKind != JsonValueKind.Array || body.Root.GetArrayLength() < 3)
            throw new JsonException("A broadcast has three parts.");

        if (IsOwn(body.Root[0]) || !TryReadPacket(body, body.Root[1], out var packet))
            return false;

        Deliver(packet, AdapterBody.OptionsOf(body.Root[2]));
        return true;
    }

    private bool ReceiveRequest(AdapterBody request)
    {
        if (IsOwn(AdapterBody.Member(request.Root, "uid"u8)))
        {
            _requests.ReceiveOwn(request.Root);
            return false;
        }

        var options = AdapterBody.Member(request.Root, "opts"u8);
        var isOldForm = options.ValueKind == JsonValueKind.Undefined;
        switch ((AdapterRequestType?)AdapterBody.NumberOf(AdapterBody.Member(request.Root, "type"u8)))
        {
            case AdapterRequestType.Sockets:
                var inRooms = new BroadcastOptions { Rooms = AdapterBody.RoomsOf(AdapterBody.Member(request.Root, "rooms"u8)) };
                Answer(request, requestId => RequestBody.Names(requestId, "sockets", FindLocalSockets(inRooms).Select(socket => socket.Id)));
                return true;

            case AdapterRequestType.AllRooms:
                Answer(request, requestId => RequestBody.Names(requestId, "rooms", LocalRooms));
                return true;

            case AdapterRequestType.Join or AdapterRequestType.Leave or AdapterRequestType.Disconnect when isOldForm:
                return ReceiveOldRequest(request);

            case AdapterRequestType.Join:
                _ = base.JoinSocketsAsync(AdapterBody.OptionsOf(options), [.. AdapterBody.RoomsOf(AdapterBody.Member(request.Root, "rooms"u8))]);
                return true;

            case AdapterRequestType.Leave:
                _ = base.LeaveSocketsAsync(AdapterBody.OptionsOf(options), [.. AdapterBody.RoomsOf(AdapterBody.Member(request.Root, "rooms"u8))]);
                return true;

            case AdapterRequestType.Disconnect:
                _ = base.DisconnectSocketsAsync(AdapterBody.OptionsOf(options), IsTrue(request, "close"u8));
                return true;

            case AdapterRequestType.Fetch:
                var meant = AdapterBody.OptionsOf(options);
                Answer(request, requestId => RequestBody.Sockets(requestId, FindLocalSockets(meant).Select(socket => new RemoteSocket(socket))));
                return true;

            case AdapterRequestType.ServerSideEmit:
                return ReceiveServerSideEmit(request);

            case AdapterRequestType.Broadcast:
                return ReceiveQuestion(request, AdapterBody.OptionsOf(options));

            default:
                _connection.Metrics.Ignored("foreign");
                return false;
        }
    }

    // Before version 7 a socket was named, and its server answered.
    private bool ReceiveOldRequest(AdapterBody request)
    {
        var socketId = AdapterBody.TextOf(AdapterBody.Member(request.Root, "sid"u8)) ?? throw new JsonException("A request says which sockets are meant.");
        if (FindLocalRooms(socketId) is null)
            return false;

        var options = new BroadcastOptions { Rooms = [socketId] };
        switch ((AdapterRequestType?)AdapterBody.NumberOf(AdapterBody.Member(request.Root, "type"u8)))
        {
            case AdapterRequestType.Join:
                _ = base.JoinSocketsAsync(options, [AdapterBody.RoomOf(AdapterBody.Member(request.Root, "room"u8))]);
                break;

            case AdapterRequestType.Leave:
                _ = base.LeaveSocketsAsync(options, [AdapterBody.RoomOf(AdapterBody.Member(request.Root, "room"u8))]);
                break;

            default:
                _ = base.DisconnectSocketsAsync(options, IsTrue(request, "close"u8));
                break;
        }

        Answer(request, RequestBody.Done);
        return true;
    }

    private bool ReceiveServerSideEmit(AdapterBody request)
    {
        var (name, values) = request.EventOf(Namespace, AdapterBody.Member(request.Root, "data"u8));
        var requestId = AdapterBody.TextOf(AdapterBody.Member(request.Root, "requestId"u8));

        // All servers answer this one where everybody reads.
        Action<EventValue?>? acknowledge = requestId is null ? null : value => Publish(_channels.Responses, RequestBody.ServerSideAnswer(requestId, value));
        if (_handlers.TryPost(() => _ = ReceiveServerSideAsync(name, values, acknowledge)))
            return true;

        _connection.Metrics.Ignored("full");
        return false;
    }

    private bool ReceiveQuestion(AdapterBody request, BroadcastOptions options)
    {
        var requestId = AdapterBody.TextOf(AdapterBody.Member(request.Root, "requestId"u8)) ?? throw new JsonException("A question has an id.");
        if (!TryReadPacket(request, AdapterBody.Member(request.Root, "packet"u8), out var packet))
            return false;

        var channel = ResponsesFor(request);
        var answers = new AnswerSender(
            count => Publish(channel, RequestBody.ClientCount(requestId, count)), value => Publish(channel, BroadcastBody.WriteAnswer(requestId, value)));
        Ask(packet, options, answers, _reader.BeginAsking(options));
        return true;
    }

    private bool ReceiveResponse(AdapterBody response) => _requests.TryReceive(response, response.Root);

    private bool TryReadPacket(AdapterBody body, JsonElement packet, [NotNullWhen(true)] out SocketIOPacket? result)
    {
        if (_reader.TryReadPacket(body, packet, "/", out result))
            return true;

        _connection.Metrics.Ignored("foreign");
        return false;
    }

    private void Answer(AdapterBody request, Func<string, ReadOnlyMemory<byte>> write)
    {
        var requestId = AdapterBody.TextOf(AdapterBody.Member(request.Root, "requestId"u8)) ?? throw new JsonException("A request has an id.");
        try
        {
            Publish(ResponsesFor(request), write(requestId));
        }
        catch (Exception error) when (error is NotSupportedException or JsonException or PacketException or InvalidOperationException)
        {
            // What the application keeps with a socket may be nothing that can be written. Whoever asks learns that its answer is not complete.
            _connection.NotAnswered(error);
        }
    }

    private RedisChannel ResponsesFor(AdapterBody request)
        => _options.PublishOnSpecificResponseChannel && AdapterBody.TextOf(AdapterBody.Member(request.Root, "uid"u8)) is { } uid ? _channels.ResponsesTo(uid) : _channels.Responses;

    private bool IsOwn(JsonElement uid) => AdapterBody.TextOf(uid) == _uid;

    private static bool IsTrue(AdapterBody request, ReadOnlySpan<byte> name) => AdapterBody.Member(request.Root, name).ValueKind == JsonValueKind.True;
}
