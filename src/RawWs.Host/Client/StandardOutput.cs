using Microsoft.Win32.SafeHandles;

namespace RawWs.Host;

/// <summary>Standard output as bytes, which notices when nobody reads them any more.</summary>
internal static class StandardOutput
{
    // Of Linux and macOS alike.
    private const int BrokenPipe = 32;

    /// <summary>Opens it; what is written leaves at once.</summary>
    public static Stream Open()
    {
        if (OperatingSystem.IsWindows())
            return Console.OpenStandardOutput();

        // The console's own stream goes on as if nothing were when whoever reads a pipe has gone. In a file, though, it writes behind what others have written.
        var stream = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        if (!stream.CanSeek)
            return stream;

        stream.Dispose();
        return Console.OpenStandardOutput();
    }

    /// <summary>Writes all of it.</summary>
    /// <exception cref="BrokenPipeException">Nobody reads any more.</exception>
    /// <exception cref="IOException">It can't be written, for example because the disk is full, or because it is closed.</exception>
    public static void Write(Stream output, ReadOnlySpan<byte> bytes)
    {
        try
        {
            output.Write(bytes);
        }
        catch (IOException error) when (!OperatingSystem.IsWindows() && error.HResult == BrokenPipe)
        {
            throw new BrokenPipeException(error);
        }
        catch (Exception error) when (IsFailure(error))
        {
            throw Failure(error);
        }
    }

    /// <summary>Writes a text and the end of its line.</summary>
    /// <exception cref="IOException">It can't be written.</exception>
    public static async Task WriteLineAsync(string text)
    {
        try
        {
            await Console.Out.WriteLineAsync(text);
        }
        catch (Exception error) when (IsFailure(error))
        {
            throw Failure(error);
        }
    }

    /// <summary>What to say of a failure to write, of which the system names neither the file nor what was tried.</summary>
    public static string Describe(Exception error) => $"What is to be printed can't be written: {error.Message.TrimEnd('.')}.";

    // One that is closed is no file that this program may write to.
    private static bool IsFailure(Exception error) => error is IOException or UnauthorizedAccessException;

    private static IOException Failure(Exception error) => new(Describe(error), error);
}
