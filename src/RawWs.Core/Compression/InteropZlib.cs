using System.Runtime.InteropServices;

namespace RawWs.Compression;

/// <summary>
/// The zlib that ships inside the .NET runtime, by the exports that the runtime's own WebSocket uses: <c>DeflateStream</c> knows neither window bits
/// nor a flush that keeps the stream going. Window bits are negative for raw DEFLATE data, without zlib's header.
/// </summary>
/// <remarks>
/// Sound, because every pointer that is stored in a <see cref="ZStream"/> is pinned for the length of the one call that reads it, and the native side
/// keeps none of them: it copies the struct's fields into a state of its own.
/// </remarks>
internal static unsafe partial class InteropZlib
{
    private const string Library = "libSystem.IO.Compression.Native";

    public const int Ok = 0, StreamEnd = 1, NeedDictionary = 2, StreamError = -2, DataError = -3, MemoryError = -4, BufferError = -5;

    /// <summary>Flush modes: none; all that is pending, up to a byte boundary; and so that nothing after it refers to anything before it.</summary>
    public const int NoFlush = 0, SyncFlush = 2, FullFlush = 3;

    public const int Deflated = 8, DefaultStrategy = 0;

    private static readonly Lazy<string?> Missing = new(Probe);

    /// <summary>Why the library can't be used; null if it has all that is needed.</summary>
    public static string? WhyMissing() => Missing.Value;

    [LibraryImport(Library, EntryPoint = "CompressionNative_DeflateInit2_")]
    public static partial int DeflateInit(ref ZStream stream, int level, int method, int windowBits, int memLevel, int strategy);

    [LibraryImport(Library, EntryPoint = "CompressionNative_Deflate")]
    public static partial int Deflate(ref ZStream stream, int flush);

    [LibraryImport(Library, EntryPoint = "CompressionNative_DeflateEnd")]
    public static partial int DeflateEnd(ref ZStream stream);

    [LibraryImport(Library, EntryPoint = "CompressionNative_InflateInit2_")]
    public static partial int InflateInit(ref ZStream stream, int windowBits);

    [LibraryImport(Library, EntryPoint = "CompressionNative_InflateReset2_")]
    public static partial int InflateReset(ref ZStream stream, int windowBits);

    [LibraryImport(Library, EntryPoint = "CompressionNative_Inflate")]
    public static partial int Inflate(ref ZStream stream, int flush);

    [LibraryImport(Library, EntryPoint = "CompressionNative_InflateEnd")]
    public static partial int InflateEnd(ref ZStream stream);

    /// <summary>Runs one step of either direction.</summary>
    /// <returns>zlib's result.</returns>
    public static int Run(bool inflate, ref ZStream stream, ReadOnlySpan<byte> input, Span<byte> output, int flush, out int consumed, out int written)
    {
        fixed (byte* nextIn = input)
        fixed (byte* nextOut = output)
        {
            // An empty span pins to null, and zlib refuses a null output even if it may write nothing there.
            byte none;
            stream.NextIn = nextIn;
            stream.NextOut = nextOut is null ? &none : nextOut;
            stream.AvailableIn = (uint)input.Length;
            stream.AvailableOut = (uint)output.Length;

            var result = inflate ? Inflate(ref stream, flush) : Deflate(ref stream, flush);

            (consumed, written) = (input.Length - (int)stream.AvailableIn, output.Length - (int)stream.AvailableOut);
            stream.NextIn = stream.NextOut = null;
            return result;
        }
    }

    private static string? Probe()
    {
        try
        {
            var deflate = default(ZStream);
            var inflate = default(ZStream);
            if (DeflateInit(ref deflate, 1, Deflated, -15, 8, DefaultStrategy) != Ok || InflateInit(ref inflate, -15) != Ok)
                return "zlib could not be initialised";

            InflateReset(ref inflate, -15);
            Run(inflate: false, ref deflate, [], [], NoFlush, out _, out _);
            Run(inflate: true, ref inflate, [], [], NoFlush, out _, out _);
            DeflateEnd(ref deflate);
            InflateEnd(ref inflate);
            return null;
        }
        catch (Exception error) when (error is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            return error.Message;
        }
    }

    /// <summary>The struct through which the exports speak. It may move between calls.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ZStream
    {
        public byte* NextIn;
        public byte* NextOut;
        public nint Message;
        public nint InternalState;
        public uint AvailableIn;
        public uint AvailableOut;
    }
}
