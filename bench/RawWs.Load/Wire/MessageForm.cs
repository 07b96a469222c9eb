using System.Globalization;
using System.Text;

namespace RawWs.Load;

/// <summary>What stands around the text of a message when it is sent, and when it comes back. Always as long, whichever message it is.</summary>
/// <param name="opcode">Of both frames.</param>
/// <param name="sent">What is sent: <c>#</c> is a number of eight digits, no two alike, <c>*</c> the text.</param>
/// <param name="returned">What comes back, in the same way.</param>
/// <param name="isJson">Whether the text has to be the same inside of a JSON string.</param>
internal sealed class MessageForm(byte opcode, string sent, string returned, bool isJson = false)
{
    // The first number that has as many digits as all others.
    private const int FirstNumber = 10_000_000;

    /// <summary>Binary, and nothing around it.</summary>
    public static MessageForm Binary { get; } = new(ClientFrames.Binary, "*", "*");

    /// <summary>Text, and nothing around it.</summary>
    public static MessageForm Text { get; } = new(ClientFrames.Text, "*", "*");

    /// <summary>A Socket.IO event with one string, which is acknowledged with the same string.</summary>
    public static MessageForm SocketIOAck { get; } = new(ClientFrames.Text, "42#[\"echo\",\"*\"]", "43#[\"*\"]", isJson: true);

    /// <summary>A Socket.IO event with one string, which everybody is sent in another event.</summary>
    public static MessageForm SocketIOBroadcast { get; } = new(ClientFrames.Text, "42[\"publish\",\"*\"]", "42[\"news\",\"*\"]", isJson: true);

    public byte Opcode => opcode;

    /// <summary>How many bytes of what comes back are before the text.</summary>
    public int ReturnedTextOffset => BytesOf(returned[..returned.IndexOf('*', StringComparison.Ordinal)], 0, []).Length;

    /// <summary>Fills <paramref name="text"/> with what only one message has, its number first.</summary>
    public void Fill(Span<byte> text, int number)
    {
        var (first, count) = isJson ? ('a', 26) : (' ', 95);
        for (var index = 0; index < text.Length; index++)
            text[index] = (byte)(first + ((number + index) % count));

        Span<byte> digits = stackalloc byte[FrameRing.NumberLength];
        number.TryFormat(digits, out _, "D8", CultureInfo.InvariantCulture);
        var shown = Math.Min(FrameRing.NumberLength, text.Length);
        digits[^shown..].CopyTo(text);
    }

    /// <summary>The payload that is sent.</summary>
    public byte[] Sent(int number, ReadOnlySpan<byte> text) => BytesOf(sent, number, text);

    /// <summary>The payload that comes back.</summary>
    public byte[] Returned(int number, ReadOnlySpan<byte> text) => BytesOf(returned, number, text);

    private static byte[] BytesOf(string form, int number, ReadOnlySpan<byte> text)
    {
        var numbered = form.Replace("#", (FirstNumber + number).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        var place = numbered.IndexOf('*', StringComparison.Ordinal);
        return place < 0 ? Encoding.ASCII.GetBytes(numbered) : [.. Encoding.ASCII.GetBytes(numbered[..place]), .. text, .. Encoding.ASCII.GetBytes(numbered[(place + 1)..])];
    }
}
