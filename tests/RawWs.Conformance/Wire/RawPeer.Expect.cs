namespace RawWs.Conformance;

/// <content>What a case may expect. Each of these ends the case if it does not happen.</content>
internal sealed partial class RawPeer
{
    /// <summary>Sends frames that make up one message, and expects it back.</summary>
    public async Task EchoAsync(params Frame[] frames)
    {
        await SendAsync(frames);
        await ExpectEchoAsync(frames);
    }

    /// <summary>Expects the message that <paramref name="frames"/> make up; control frames among them do not count.</summary>
    public Task ExpectEchoAsync(params Frame[] frames)
    {
        var (opcode, payload) = MessageOf(frames);
        return ExpectMessageAsync(opcode, payload);
    }

    /// <summary>Fails the case unless <paramref name="received"/> is the message that <paramref name="frames"/> make up.</summary>
    public static void RequireEchoOf(Received received, Frame[] frames)
    {
        var (opcode, payload) = MessageOf(frames);
        RequireEcho(received, opcode, payload.Span);
    }

    public async Task<Received> ExpectMessageAsync(Opcode opcode, ReadOnlyMemory<byte> payload)
    {
        var received = await ReceiveAsync();
        while (received.Kind == ReceivedKind.Pong)
            received = await ReceiveAsync();
        RequireEcho(received, opcode, payload.Span);
        return received;
    }

    /// <summary>Expects a pong with exactly this payload, before any message.</summary>
    public Task ExpectPongAsync(ReadOnlyMemory<byte> payload) => ExpectPongsAsync([payload]);

    /// <summary>
    /// Expects the answers to several pings. §5.5.3 lets an endpoint answer only the most recent one: answers may be left out,
    /// except the last, but not come in another order or with other bytes.
    /// </summary>
    /// <param name="payloads">The application data of the pings, in the order in which they went out.</param>
    /// <param name="many">Whether there are so many that a server may take it for an attack, and close.</param>
    public async Task ExpectPongsAsync(IReadOnlyList<ReadOnlyMemory<byte>> payloads, bool many = false)
    {
        var next = 0;
        var answered = 0;
        while (next < payloads.Count)
        {
            var received = await ReceiveAsync();
            if (many && received.Kind is ReceivedKind.End or ReceivedKind.Close)
                throw new VerdictException(Outcome.NonStrict,
                    $"after {answered} of {payloads.Count} pongs came {received} (§7.1.1: “MAY close the connection via any means available when necessary, such as when under attack”)");
            if (received.Kind != ReceivedKind.Pong)
                throw VerdictException.Failed($"expected a pong, got {received}");

            var match = next;
            while (match < payloads.Count && !payloads[match].Span.SequenceEqual(received.Payload))
                match++;
            if (match == payloads.Count)
                throw VerdictException.Failed($"{received} that answers no ping: {WireLog.Hex(received.Payload)}");
            (next, answered) = (match + 1, answered + 1);
        }

        if (answered < payloads.Count)
            _context.Note($"{answered} pongs for {payloads.Count} pings, as §5.5.3 allows");
    }

    /// <summary>Expects a message and the answer to a ping, which went out before the message was complete.</summary>
    public async Task ExpectPongAndMessageAsync(ReadOnlyMemory<byte> ping, Opcode opcode, ReadOnlyMemory<byte> payload)
    {
        var first = await ReceiveAsync();
        if (first.Kind == ReceivedKind.Message)
        {
            RequireEcho(first, opcode, payload.Span);
            await ExpectPongAsync(ping);
            _context.Verdict(Outcome.NonStrict, "the pong came after the message (§5.5.2: it “SHOULD respond … as soon as is practical”)");
            return;
        }

        if (first.Kind != ReceivedKind.Pong || !first.Payload.AsSpan().SequenceEqual(ping.Span))
            throw VerdictException.Failed($"expected the pong, got {first}");
        await ExpectMessageAsync(opcode, payload);
    }

    /// <summary>Expects that nothing of the connection has moved: a ping sent now is answered by the next frame.</summary>
    public async Task ExpectNothingMoreAsync()
    {
        var payload = _context.RandomBytes(8);
        await SendAsync(Frame.Ping(payload));
        await ExpectPongAsync(payload);
    }

    private static (Opcode Opcode, ReadOnlyMemory<byte> Payload) MessageOf(Frame[] frames)
    {
        var data = frames.Where(frame => (int)frame.Opcode < 8).ToArray();
        return (data[0].Opcode, data.Length == 1 ? data[0].Payload : data.SelectMany(frame => frame.Payload.ToArray()).ToArray());
    }

    private static void RequireEcho(Received received, Opcode opcode, ReadOnlySpan<byte> payload)
    {
        if (received.Kind != ReceivedKind.Message)
            throw VerdictException.Failed($"expected the echo of {payload.Length} bytes, got {received}");
        if (received.Opcode != opcode)
            throw VerdictException.Failed($"the {opcode} message came back as {received.Opcode}");
        if (payload.SequenceEqual(received.Payload))
            return;

        var same = payload.CommonPrefixLength(received.Payload);
        throw VerdictException.Failed($"sent {payload.Length} bytes, got {received.Payload.Length} back, different from byte {same} on");
    }
}
