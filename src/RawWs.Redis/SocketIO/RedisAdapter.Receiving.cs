using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using RawWs.Redis.Diagnostics;
using RawWs.Redis.SocketIO;
using RawWs.SocketIO;
using RawWs.SocketIO.Protocol;

namespace RawWs.Redis;

// What other servers say. All of it on the thread that reads from Redis, but for what the application does with it.
public sealed partial class RedisAdapter
{
    // Of what another server says that its clients are waited for; nobody waits for ever.
    private static readonly TimeSpan MaxAskingTime = TimeSpan.FromDays(1);

    private void Receive(RedisMessage message)
    {
        try
        {
            var isUnderstood = message.Channel == _channels.Requests.Name ? ReceiveRequest(Read(message))
                : message.Channel.StartsWith(_channels.Responses.Name, StringComparison.Ordinal) ? ReceiveResponse(Read(message))
                : ReceiveBroadcast(message);
            if (isUnderstood)
                _metrics.Received();
        }
        catch (JsonException)
        {
            _metrics.Ignored("malformed");
        }
    }

    private AdapterBody Read(RedisMessage message) => AdapterBody.Read(message.Payload.Span, Namespace.Options.MaxJsonDepth);

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
            return false;

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
                _metrics.Ignored("foreign");
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
        if (_events.Writer.TryWrite(() => _ = ReceiveServerSideAsync(name, values, acknowledge)))
            return true;

        _metrics.Ignored("full");
        return false;
    }

    [SuppressMessage("Reliability", "CA2000", Justification = "It disposes itself when the time is up.")]
    private bool ReceiveQuestion(AdapterBody request, BroadcastOptions options)
    {
        var requestId = AdapterBody.TextOf(AdapterBody.Member(request.Root, "requestId"u8)) ?? throw new JsonException("A question has an id.");
        if (!TryReadPacket(request, AdapterBody.Member(request.Root, "packet"u8), out var packet))
            return false;

        var channel = ResponsesFor(request);
        var time = options.Timeout ?? Namespace.Options.AckTimeout;
        var stopping = new CancellationTokenSource(time < MaxAskingTime ? time : MaxAskingTime, Time);
        Ask(packet, options, new AnswerSender(requestId, answer => Publish(channel, answer)), stopping.Token);
        stopping.Token.UnsafeRegister(static stopping => ((CancellationTokenSource)stopping!).Dispose(), stopping); // It is what was given.
        return true;
    }

    private bool ReceiveResponse(AdapterBody response)
    {
        // Most are for others.
        if (AdapterBody.TextOf(AdapterBody.Member(response.Root, "requestId"u8)) is not { } requestId || !_pending.TryGetValue(requestId, out var pending))
            return false;

        pending.Receive(response);
        return true;
    }

    private bool TryReadPacket(AdapterBody body, JsonElement packet, [NotNullWhen(true)] out SocketIOPacket? result)
    {
        result = null;
        var nsp = AdapterBody.Member(packet, "nsp"u8);
        var isForeign = (nsp.ValueKind == JsonValueKind.Undefined ? "/" : AdapterBody.TextOf(nsp)) != Namespace.Name;
        if (isForeign || AdapterBody.NumberOf(AdapterBody.Member(packet, "type"u8)) is not ((int)PacketType.Event or (int)PacketType.BinaryEvent))
        {
            _metrics.Ignored("foreign");
            return false;
        }

        var (name, values) = body.EventOf(Namespace, AdapterBody.Member(packet, "data"u8));
        try
        {
            result = Namespace.CreatePacket(name, [.. values]);
            return true;
        }
        catch (ArgumentException error)
        {
            // A name that clients keep for themselves.
            throw new JsonException(error.Message, error);
        }
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
            AdapterLog.AnswerFailed(_logger, Namespace.Name, error);
        }
    }

    private RedisChannel ResponsesFor(AdapterBody request)
        => _options.PublishOnSpecificResponseChannel && AdapterBody.TextOf(AdapterBody.Member(request.Root, "uid"u8)) is { } uid ? _channels.ResponsesTo(uid) : _channels.Responses;

    private bool IsOwn(JsonElement uid) => uid.ValueKind == JsonValueKind.String && uid.ValueEquals(_uid);

    private static bool IsTrue(AdapterBody request, ReadOnlySpan<byte> name) => AdapterBody.Member(request.Root, name).ValueKind == JsonValueKind.True;

    // Handlers are the application's, and may block: they are called in the order of the events, and their tasks are not waited for.
    private async Task CallHandlersAsync()
    {
        await foreach (var call in _events.Reader.ReadAllAsync().ConfigureAwait(false))
            call();
    }
}
