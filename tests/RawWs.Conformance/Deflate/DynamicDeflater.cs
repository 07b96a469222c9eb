using System.IO.Compression;

namespace RawWs.Conformance;

/// <summary>Compresses messages with the platform's zlib: dynamic codes, a window of 32 KiB, and speed.</summary>
internal sealed class DynamicDeflater(bool contextTakeover) : IDisposable
{
    private MemoryStream _output = new();
    private DeflateStream? _stream;

    public byte[] Compress(ReadOnlySpan<byte> message)
    {
        if (!contextTakeover || _stream is null)
        {
            _stream?.Dispose();
            _output = new MemoryStream();
            _stream = new DeflateStream(_output, CompressionLevel.Optimal, leaveOpen: true);
        }

        _output.SetLength(0);
        _stream.Write(message);

        // A flush is a sync flush, which ends in 00 00 FF FF; RFC 7692 §7.2.1 removes these. It writes nothing if there is nothing.
        _stream.Flush();
        var bytes = _output.ToArray();
        return bytes.AsSpan().EndsWith((ReadOnlySpan<byte>)[0, 0, 0xFF, 0xFF]) ? bytes[..^4] : [0];
    }

    public void Dispose() => _stream?.Dispose();
}
