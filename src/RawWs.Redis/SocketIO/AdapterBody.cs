using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using RawWs.SocketIO;
using RawWs.SocketIO.Protocol;

namespace RawWs.Redis.SocketIO;

/// <summary>
/// What another server has published, JSON or MessagePack: read as JSON, with the binary values beside it. All strings in it are text: what servers for Node have that is none, which any of their clients may
/// have said, has become U+FFFD. Immutable.
/// </summary>
/// <remarks>Whoever may publish is trusted to speak, but not to speak well: its methods throw <see cref="JsonException"/> for what makes no sense.</remarks>
internal sealed class AdapterBody
{
    // What a client has said lies in its handshake or in data of the application, and these in a list: as deep as it may be, it makes no body unreadable.
    private const int EnvelopeDepth = 16;

    // Two bytes of MessagePack can be a binary value, which costs some 400: its placeholder, the tokens of that, and its own memory. Everything else costs 70 times its bytes at most, so these do not cost more
    // either. One for each UUID of a list is none too many.
    private const int AttachmentCountOfAny = 1_024, BytesPerAttachment = 16;

    // Each costs some 100 bytes, and may have come as two. Few engines of JavaScript would call a function with more.
    private const int MaxValueCount = 65_536;

    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly IReadOnlyList<ReadOnlyMemory<byte>> _attachments;

    // JSON as it came, if it had strings that are no text.
    private readonly byte[]? _received;

    private AdapterBody(JsonElement root, IReadOnlyList<ReadOnlyMemory<byte>> attachments, byte[]? received = null) => (Root, _attachments, _received) = (root, attachments, received);

    /// <summary>All of it.</summary>
    public JsonElement Root { get; }

    /// <summary>Reads a body.</summary>
    /// <param name="payload">What was published.</param>
    /// <param name="maxDepth">Arrays and objects inside each other, in a value.</param>
    /// <exception cref="JsonException">It is neither, or has more binary values than a message of its length may have.</exception>
    public static AdapterBody Read(ReadOnlySpan<byte> payload, int maxDepth)
    {
        if (payload is [(byte)'{', ..])
            return ReadJson(payload, maxDepth);

        var json = new ArrayBufferWriter<byte>(Math.Max(payload.Length, 1));
        var attachments = new List<ReadOnlyMemory<byte>>();
        try
        {
            var reader = new MessagePackReader(payload, maxDepth + EnvelopeDepth, replacesHalfSurrogates: true);
            using (var writer = new Utf8JsonWriter(json, Writing))
                reader.ReadAsJson(writer, attachments, AttachmentCountOfAny + (payload.Length / BytesPerAttachment));

            return reader.IsAtEnd ? new AdapterBody(Parse(json.WrittenSpan, maxDepth), attachments) : throw new JsonException("There is something behind the message.");
        }
        catch (PacketException error)
        {
            throw new JsonException(error.Message, error);
        }
    }

    /// <summary>A member; undefined if there is none.</summary>
    public static JsonElement Member(JsonElement element, ReadOnlySpan<byte> name) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) ? member : default;

    /// <summary>A string; null if it is none.</summary>
    public static string? TextOf(JsonElement element) => element.ValueKind == JsonValueKind.String ? element.GetString() : null;

    /// <summary>A whole number from 0; null if it is none.</summary>
    public static int? NumberOf(JsonElement element) => element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out var number) && number >= 0 ? number : null;

    /// <summary>The names of rooms. In JavaScript a room may be a number: here it has the name that it is written with.</summary>
    /// <returns>Empty if there are none at all.</returns>
    public static IReadOnlyList<string> RoomsOf(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => [],
        JsonValueKind.Array => [.. element.EnumerateArray().Select(RoomOf)],
        _ => throw new JsonException("Rooms are no list."),
    };

    /// <summary>The names of rooms that a socket is in. In JavaScript it may be in one whose name is <c>undefined</c>, which nobody can name here: such are left out.</summary>
    /// <returns>Empty if there are none at all; null if it is no list.</returns>
    public static IReadOnlyList<string>? RoomsOfSocket(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => [],
        JsonValueKind.Array => [.. element.EnumerateArray().Select(NameOfRoom).OfType<string>()],
        _ => null,
    };

    /// <summary>The name of a room.</summary>
    public static string RoomOf(JsonElement element) => NameOfRoom(element) ?? throw new JsonException("A room is no name.");

    /// <summary>The name of a room; null if it is none.</summary>
    public static string? NameOfRoom(JsonElement element) => element.ValueKind == JsonValueKind.Number ? element.GetRawText() : TextOf(element);

    /// <summary>Which sockets are meant, and how they are sent something.</summary>
    public static BroadcastOptions OptionsOf(JsonElement options)
    {
        if (options.ValueKind != JsonValueKind.Object)
            throw new JsonException("There are no options.");

        var flags = Member(options, "flags"u8);
        return new BroadcastOptions
        {
            Rooms = RoomsOf(Member(options, "rooms"u8)),
            Except = RoomsOf(Member(options, "except"u8)),
            IsVolatile = Member(flags, "volatile"u8).ValueKind == JsonValueKind.True,
            IsCompressible = Member(flags, "compress"u8).ValueKind != JsonValueKind.False,
            Timeout = NumberOf(Member(flags, "timeout"u8)) is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null,
            ExpectsSingleResponse = Member(flags, "expectSingleResponse"u8).ValueKind == JsonValueKind.True,
        };
    }

    /// <summary>A value of an event or an ack.</summary>
    public EventValue ValueOf(SocketIONamespace nsp, JsonElement element) => nsp.CreateValue(JsonMarshal.GetRawUtf8Value(element).ToArray(), _attachments);

    /// <summary>What a server tells of a socket: a client may have had a part in it that is too deep, or looks like a binary value.</summary>
    /// <returns>An empty object if it can't be read, or is not there.</returns>
    public EventValue DescriptionOf(SocketIONamespace nsp, JsonElement element)
    {
        try
        {
            if (AnswerOf(nsp, element) is { } value)
                return value;
        }
        catch (JsonException)
        {
            // One client must not keep all others from being found.
        }

        return nsp.CreateValue("{}"u8.ToArray());
    }

    /// <summary>The first value of an answer.</summary>
    /// <returns>Null if it has none.</returns>
    public EventValue? AnswerOf(SocketIONamespace nsp, JsonElement element) => element.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null ? null : ValueOf(nsp, element);

    /// <summary>The name and the values of an event for this server.</summary>
    public (string Name, EventValue[] Values) EventOf(SocketIONamespace nsp, JsonElement data) => (NameOf(data), [.. data.EnumerateArray().Skip(1).Select(value => ValueOf(nsp, value))]);

    /// <summary>The name and the values of an event for clients: they are sent what has come, and the other half of a surrogate pair may come behind it in another event.</summary>
    public (string Name, EventValue[] Values) ClientEventOf(SocketIONamespace nsp, JsonElement data)
        => (NameOf(data), [.. data.EnumerateArray().Skip(1).Select(value => nsp.CreateValue(ReceivedOf(value).ToArray(), _attachments))]);

    // The parser lets strings be that are no UTF-8, and clients are sent what is in them.
    private static AdapterBody ReadJson(ReadOnlySpan<byte> payload, int maxDepth)
    {
        if (!Utf8.IsValid(payload))
            throw new JsonException("The message is no UTF-8.");

        return HalfSurrogates.ReplaceInJson(payload) is { } json
            ? new AdapterBody(Parse(json, maxDepth), [], payload.ToArray())
            : new AdapterBody(Parse(payload, maxDepth), []);
    }

    private static string NameOf(JsonElement data)
    {
        if (data.ValueKind != JsonValueKind.Array || data.GetArrayLength() == 0)
            throw new JsonException("An event has a name.");

        if (data.GetArrayLength() > 1 + MaxValueCount)
            throw new JsonException("The event has too many values.");

        return TextOf(data[0]) ?? throw new JsonException("The name of an event is a string.");
    }

    // What was replaced is as long as it was: everything is where it came.
    private ReadOnlySpan<byte> ReceivedOf(JsonElement element)
    {
        var json = JsonMarshal.GetRawUtf8Value(element);
        return _received is not null && JsonMarshal.GetRawUtf8Value(Root).Overlaps(json, out var place) ? _received.AsSpan(place, json.Length) : json;
    }

    private static JsonElement Parse(ReadOnlySpan<byte> json, int maxDepth)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = maxDepth + EnvelopeDepth });
        var root = JsonElement.ParseValue(ref reader);
        return reader.Read() ? throw new JsonException("There is something behind the message.") : root;
    }
}
