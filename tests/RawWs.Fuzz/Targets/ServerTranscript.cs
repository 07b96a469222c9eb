using System.Text;
using System.Text.RegularExpressions;
using System.Text.Unicode;
using RawWs.Compression;
using RawWs.Conformance;
using ReceivedKind = RawWs.Protocol.ReceivedKind;

namespace RawWs.Fuzz;

/// <summary>What the server said on one connection, held against the RFCs as strictly as a client could.</summary>
internal sealed partial class ServerTranscript
{
    private readonly List<byte> _message = [];
    private DeflateSession? _inflater;
    private int _openType;
    private bool _isOpenCompressed;

    /// <summary>The status of the response; 0 without one.</summary>
    public int Status { get; private set; }

    /// <summary>The code of its close frame; 0 without one, 1005 without a code.</summary>
    public int CloseCode { get; private set; }

    /// <summary>What permessage-deflate was agreed on with.</summary>
    public DeflateParameters? Deflate { get; private set; }

    public List<(MessageType Type, byte[] Payload)> Messages { get; } = [];

    /// <param name="bytes">Everything that came.</param>
    /// <param name="isCut">Whether more may have been on its way.</param>
    public static ServerTranscript Read(byte[] bytes, bool isCut)
    {
        var transcript = new ServerTranscript();
        var head = ResponseHead().Match(Encoding.Latin1.GetString(bytes));
        if (!head.Success)
        {
            FindingException.ThrowUnless(bytes.Length == 0 || isCut, $"the response is malformed: {Encoding.Latin1.GetString(bytes)}");
            return transcript;
        }

        transcript.Status = int.Parse(head.Groups["status"].ValueSpan);
        var rest = bytes.AsSpan(head.Length);
        if (transcript.Status == 101)
            transcript.ReadFrames(rest, head, isCut);
        else
            CheckBody(rest, head, isCut);

        return transcript;
    }

    /// <summary>Checks that what was sent back are the client's own messages, in order, and none more.</summary>
    public void CheckEcho(ConnectionSetup setup)
    {
        if (Status != 101)
            return;

        // With room for all: what a limit refuses is not sent back, and what is before it is the same.
        var expected = AssemblerRun.Of(
            new AssemblerSetup(AssemblerSetup.Roomy) { Deflate = Deflate }, setup.Wire[setup.HeadLength..], Arrivals.Whole(setup.Wire.Length - setup.HeadLength));
        var messages = expected.Where(happened => happened.Kind is ReceivedKind.Message).Select(happened => (happened.Type, happened.Payload)).ToList();

        FindingException.ThrowUnless(Messages.Count <= messages.Count, $"the server echoes more than it got: {Messages.Count} of {messages.Count} messages");
        foreach (var (sent, echoed) in messages.Zip(Messages))
        {
            FindingException.ThrowUnless(
                sent.Type == echoed.Type && sent.Payload.AsSpan().SequenceEqual(echoed.Payload),
                $"the echo is not what was sent: {Convert.ToHexStringLower(echoed.Payload)} instead of {Convert.ToHexStringLower(sent.Payload)}");
        }
    }

    private static void CheckBody(ReadOnlySpan<byte> rest, Match head, bool isCut)
    {
        var lengths = head.Groups["name"].Captures.Zip(head.Groups["value"].Captures).Where(field => field.First.Value == "Content-Length").ToList();
        FindingException.ThrowUnless(lengths.Count == 1, "a refusal has no Content-Length");
        var length = int.Parse(lengths[0].Second.ValueSpan);
        FindingException.ThrowUnless(rest.Length == length || (isCut && rest.Length < length), $"the body has not its length: {rest.Length} of {length} bytes");
    }

    private void ReadFrames(ReadOnlySpan<byte> rest, Match head, bool isCut)
    {
        Negotiate(head);
        var frames = ClientFrame.ReadAll(rest, out var tail);

        FindingException.ThrowUnless(isCut || tail.Length == 0, "the server's last frame has no end");
        foreach (var frame in frames)
        {
            FindingException.ThrowUnless(CloseCode == 0, "the server sends something after its close frame");
            FindingException.ThrowUnless(frame.Key is null, "the server masks a frame");
            FindingException.ThrowUnless(
                frame.LengthSize == frame.Announced switch { <= 125 => 0, <= 0xFFFF => 2, _ => 8 }, "the server does not use the shortest length");

            if ((ulong)frame.Payload.Length < frame.Announced)
            {
                FindingException.ThrowUnless(isCut, "the server's last payload has no end");
                return;
            }

            ReadFrame(frame);
        }
    }

    private void Negotiate(Match head)
    {
        var extensions = head.Groups["name"].Captures.Zip(head.Groups["value"].Captures).Where(field => field.First.Value == "Sec-WebSocket-Extensions").ToList();
        FindingException.ThrowUnless(extensions.Count <= 1, "the server answers with two lines of extensions");
        if (extensions.Count == 0)
            return;

        _inflater = DeflateSession.FromResponse(extensions[0].Second.Value)!; // Null only for null.
        Deflate = new DeflateParameters(
            _inflater.ServerNoContextTakeover, _inflater.ClientNoContextTakeover, _inflater.ServerMaxWindowBits ?? 15, _inflater.ClientMaxWindowBits ?? 15);
    }

    private void ReadFrame(ClientFrame frame)
    {
        var (isFinal, isCompressed, opcode) = ((frame.First & 0x80) != 0, (frame.First & 0x40) != 0, frame.First & 0x0F);
        FindingException.ThrowUnless((frame.First & 0x30) == 0, "the server sets RSV2 or RSV3");

        if (opcode >= 8)
        {
            FindingException.ThrowUnless(isFinal && !isCompressed && frame.Announced <= 125 && opcode <= 10, $"the server's control frame is illegal: {frame}");
            if (opcode == 8)
                ReadClose(frame.Payload);
            return;
        }

        FindingException.ThrowUnless(opcode <= 2 && (opcode == 0) == (_openType != 0), "the server's fragments are out of order");
        FindingException.ThrowUnless(!isCompressed || (opcode != 0 && _inflater is not null), "the server sets RSV1 where it has no meaning");

        if (opcode != 0)
            (_openType, _isOpenCompressed) = (opcode, isCompressed);

        _message.AddRange(frame.Payload);
        if (isFinal)
            EndMessage();
    }

    private void EndMessage()
    {
        var payload = _isOpenCompressed ? _inflater!.Inflate([.. _message]) : [.. _message]; // Compressed only if negotiated.
        FindingException.ThrowUnless(_openType == 2 || Utf8.IsValid(payload), "the server sends text that is not UTF-8");
        Messages.Add((_openType == 1 ? MessageType.Text : MessageType.Binary, payload));
        _message.Clear();
        _openType = 0;
    }

    private void ReadClose(byte[] payload)
    {
        CloseCode = payload.Length == 0 ? 1005 : payload.Length == 1 ? -1 : (payload[0] << 8) | payload[1];
        FindingException.ThrowUnless(
            payload.Length == 0 || CloseCode is (>= 1000 and <= 1003) or (>= 1007 and <= 1014) or (>= 3000 and <= 4999), $"the server closes with a code that must not be sent: {CloseCode}");
        FindingException.ThrowUnless(payload.Length < 2 || Utf8.IsValid(payload.AsSpan(2)), "the server's close reason is not UTF-8");
    }

    [GeneratedRegex(
        @"\AHTTP/1\.1 (?<status>[1-5][0-9][0-9]) [ -~]*\r\n((?<name>[-0-9A-Za-z]+): (?<value>[!-~]([ -~]*[!-~])?)\r\n)*\r\n",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex ResponseHead();
}
