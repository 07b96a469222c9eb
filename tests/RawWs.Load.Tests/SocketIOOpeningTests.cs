namespace RawWs.Load.Tests;

public class SocketIOOpeningTests
{
    // 0{}, then 40{}, then a first event.
    private static readonly byte[] Frames = Convert.FromHexString("8103307B7D" + "810434307B7D" + "8102" + "3432");

    [Fact]
    public void The_client_joins_once_and_leaves_what_follows_wherever_the_bytes_are_split()
    {
        for (var split = 0; split <= Frames.Length; split++)
        {
            var opening = new SocketIOOpening();
            var sent = new List<byte>();
            var rest = new List<byte>();
            var isOpen = false;
            foreach (var part in (byte[][])[Frames[..split], Frames[split..]])
            {
                ReadOnlySpan<byte> received = part;
                if (!isOpen)
                {
                    isOpen = opening.TryRead(ref received, out var answer);
                    sent.AddRange(answer);
                }

                rest.AddRange(received);
            }

            Assert.True(isOpen);
            Assert.Equal(ClientFrames.Of(ClientFrames.Text, "40"u8), sent);
            Assert.Equal(Frames[^4..], rest);
        }
    }

    [Theory]
    [InlineData("810434307B7D")]
    [InlineData("8103307B7D" + "8106343478787878")]
    public void Anything_else_is_refused(string hex)
    {
        var opening = new SocketIOOpening();

        Assert.Throws<InvalidDataException>(() =>
        {
            ReadOnlySpan<byte> received = Convert.FromHexString(hex);
            opening.TryRead(ref received, out _);
        });
    }
}
