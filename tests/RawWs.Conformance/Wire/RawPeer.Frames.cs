namespace RawWs.Conformance;

/// <content>Frames and messages.</content>
internal sealed partial class RawPeer
{
    private Opcode? _fragmentedOpcode;
    private bool _fragmentedCompressed;
    private int _fragmentCount;
    private MemoryStream _fragments = new();

    /// <summary>Sends frames in one piece: one segment, unless chopped.</summary>
    public async Task SendAsync(params Frame[] frames)
    {
        var bytes = frames.Select(frame => frame.ToBytes(_random)).ToArray();
        for (var i = 0; i < frames.Length; i++)
            _log.Add(_number, "→", frames[i].ToString(), WireLog.Hex(bytes[i]));
        await WriteChoppedAsync(bytes.Length == 1 ? bytes[0] : bytes.SelectMany(part => part).ToArray());
    }

    /// <summary>Sends each frame with a write of its own.</summary>
    public async Task SendEachAsync(params Frame[] frames)
    {
        foreach (var frame in frames)
            await SendAsync(frame);
    }

    /// <summary>Sends only the first <paramref name="count"/> bytes of a frame.</summary>
    public Task SendPartAsync(Frame frame, int count) =>
        SendBytesAsync(frame.ToBytes(_random).AsMemory(0, count), $"the first {count} bytes of {frame}");

    /// <summary>Waits for the next message, pong, close frame or end. Pings of the server are answered on the way.</summary>
    public async Task<Received> ReceiveAsync(TimeSpan? timeout = null)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(_context.CancellationToken);
        deadline.CancelAfter(timeout ?? Options.Timeout);
        try
        {
            while (true)
            {
                if (await ReadFrameAsync(deadline.Token) is not { } frame)
                    return Received.End;
                if (frame.Opcode == Opcode.Ping)
                    await SendAsync(Frame.Pong(frame.Payload));
                else if (Assemble(frame) is { } received)
                    return received;
            }
        }
        catch (OperationCanceledException) when (!_context.CancellationToken.IsCancellationRequested)
        {
            return Received.Silence;
        }
    }

    private async Task<ReceivedFrame?> ReadFrameAsync(CancellationToken cancellationToken)
    {
        var input = _received.Reader;
        var needed = 2L;
        while (true)
        {
            var result = await input.ReadAtLeastAsync((int)needed, cancellationToken);
            ReceivedFrame? frame;
            long length;
            try
            {
                frame = ReceivedFrame.TryRead(result.Buffer, out needed, out length);
            }
            catch (VerdictException)
            {
                input.AdvanceTo(result.Buffer.End);
                throw;
            }

            if (frame is not null)
            {
                _log.Add(_number, "←", frame.ToString(), WireLog.Hex(frame.Payload));
                input.AdvanceTo(result.Buffer.GetPosition(length));
                return frame;
            }

            input.AdvanceTo(result.Buffer.Start);
            if (!result.IsCompleted)
                continue;
            if (!result.Buffer.IsEmpty)
                _log.Add(_number, "·", $"TCP ended in the middle of a frame, after {result.Buffer.Length} bytes of it");
            return null;
        }
    }

    private Received? Assemble(ReceivedFrame frame)
    {
        if (frame.IsControl)
        {
            if (frame.Rsv != 0)
                throw VerdictException.Failed("the server set an RSV bit on a control frame (§5.2)");
            return new Received(frame.Opcode == Opcode.Close ? ReceivedKind.Close : ReceivedKind.Pong, frame.Opcode, frame.Payload);
        }

        if (frame.Opcode == Opcode.Continuation == _fragmentedOpcode is null)
            throw VerdictException.Failed($"the server sent a {frame.Opcode} frame where §5.4 does not allow one");

        if (_fragmentedOpcode is null)
        {
            (_fragmentedOpcode, _fragmentedCompressed, _fragmentCount) = (frame.Opcode, frame.Rsv == Frame.Rsv1 && Deflate is not null, 0);
            _fragments = new MemoryStream();
        }

        if (frame.Rsv != 0 && !(_fragmentedCompressed && _fragmentCount == 0))
            throw VerdictException.Failed("the server set RSV bits to which nothing was negotiated (§5.2)");

        _fragmentCount++;
        _fragments.Write(frame.Payload);
        return frame.Fin ? CompleteMessage() : null;
    }

    private Received CompleteMessage()
    {
        var (opcode, payload) = (_fragmentedOpcode!.Value, _fragments.ToArray());
        _fragmentedOpcode = null;
        if (_fragmentedCompressed)
            payload = Deflate!.Inflate(payload);
        if (opcode == Opcode.Text && !Utf8Bytes.IsValid(payload))
            throw VerdictException.Failed("the server sent a text message that is not UTF-8 (§5.6)");
        return new Received(ReceivedKind.Message, opcode, payload) { Compressed = _fragmentedCompressed, FrameCount = _fragmentCount };
    }
}
