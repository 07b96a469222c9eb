using System.Buffers.Binary;

namespace RawWs.Host;

/// <summary>
/// Lets the bytes of a connection through as they are, and tells of the control frames among them, which <see cref="System.Net.WebSockets.ClientWebSocket"/> keeps to itself.
/// It takes no part in the protocol: what it can't make sense of it does not look at any more.
/// </summary>
/// <param name="inner">The connection, below the opening handshake and above TLS.</param>
/// <param name="observe">Is told, on the thread that reads.</param>
internal sealed class ControlFrameObserver(Stream inner, Action<SeenControlFrame> observe) : Stream
{
    private const int MaxControlPayload = 125, MaxServerHeader = 10;

    // The end of the head of the response: two empty lines' worth, of which so much has been seen.
    private static ReadOnlySpan<byte> HeadEnd => "\r\n\r\n"u8;

    private static ReadOnlySpan<byte> Switching => "HTTP/1.1 101"u8;

    // A frame's header and, if it is a control frame, its payload behind it.
    private readonly byte[] _frame = new byte[MaxServerHeader + MaxControlPayload];
    private int _frameLength;

    private int _headLength;
    private int _headEndLength;
    private bool _isInFrames;
    private bool _isOff;

    // How much of a data frame's payload is still to come.
    private ulong _skipped;

    private bool IsControl => (_frame[0] & 0x08) != 0;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await inner.ReadAsync(buffer, cancellationToken);
        Look(buffer.Span[..count]);
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count)
    {
        var read = inner.Read(buffer, offset, count);
        Look(buffer.AsSpan(offset, read));
        return read;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => inner.WriteAsync(buffer, cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => inner.WriteAsync(buffer, offset, count, cancellationToken);

    public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

    public override void Flush() => inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();

        base.Dispose(disposing);
    }

    private void Look(ReadOnlySpan<byte> bytes)
    {
        for (; !bytes.IsEmpty && !_isInFrames && !_isOff; bytes = bytes[1..])
            LookAtHead(bytes[0]);

        while (!bytes.IsEmpty && !_isOff)
            LookAtFrames(ref bytes);
    }

    private void LookAtHead(byte next)
    {
        _isOff = _headLength < Switching.Length && next != Switching[_headLength];
        _headLength++;
        _headEndLength = next == HeadEnd[_headEndLength] ? _headEndLength + 1 : next == HeadEnd[0] ? 1 : 0;
        _isInFrames = _headEndLength == HeadEnd.Length;
    }

    private void LookAtFrames(ref ReadOnlySpan<byte> bytes)
    {
        if (_skipped > 0)
        {
            var passed = (int)Math.Min(_skipped, (ulong)bytes.Length);
            _skipped -= (ulong)passed;
            bytes = bytes[passed..];
            return;
        }

        var taken = bytes[..Math.Min(WantedLength() - _frameLength, bytes.Length)];
        taken.CopyTo(_frame.AsSpan(_frameLength));
        _frameLength += taken.Length;
        bytes = bytes[taken.Length..];
        if (_frameLength == WantedLength())
            TakeFrame();
    }

    // As far as it can be known: two bytes; the header; and what is behind it in a control frame (RFC 6455 §5.2).
    private int WantedLength()
    {
        if (_frameLength < 2)
            return 2;

        return IsControl ? 2 + Math.Min(_frame[1] & 0x7F, MaxControlPayload) : (_frame[1] & 0x7F) switch { 126 => 4, 127 => 10, _ => 2 };
    }

    private void TakeFrame()
    {
        // §5.1: "A server MUST NOT mask any frames", and §5.5: a control frame's payload is 125 bytes at most. The client fails such a connection.
        var length = _frame[1];
        _isOff = length > 127 || (IsControl && length > MaxControlPayload);
        if (IsControl && !_isOff)
            observe(new SeenControlFrame(_frame[0] & 0x0F, _frame[2.._frameLength]));
        else if (!_isOff)
            _skipped = length switch { 126 => BinaryPrimitives.ReadUInt16BigEndian(_frame.AsSpan(2)), 127 => BinaryPrimitives.ReadUInt64BigEndian(_frame.AsSpan(2)), _ => length };

        _frameLength = 0;
    }
}
