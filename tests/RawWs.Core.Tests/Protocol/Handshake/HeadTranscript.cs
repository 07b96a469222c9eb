using System.Text;
using RawWs.Protocol;

namespace RawWs.Tests.Protocol;

/// <summary>
/// What <see cref="RequestHead"/> makes of a text, in which each char is a byte: the method, path and query, then each field as
/// <c>Name=value</c>, then what lies behind the head as <c>+ rest</c>; or <c>incomplete</c>; or the status of a refusal with its reason.
/// </summary>
internal static class HeadTranscript
{
    /// <summary>Large enough for any test that is not about limits.</summary>
    public static readonly RequestHeadLimits Roomy = new(MaxRequestLineSize: 4096, MaxRequestHeadSize: 16_384, MaxHeaderCount: 100);

    /// <summary>Reads <paramref name="head"/> in every segmentation, asserts that none makes a difference, and returns the lines.</summary>
    public static string[] Of(string head, RequestHeadLimits? limits = null)
    {
        var wire = Encoding.Latin1.GetBytes(head);
        string[]? expected = null;

        foreach (var segmentation in Segmentation.All(wire.Length))
        {
            var lines = Of(wire, segmentation, limits ?? Roomy);
            expected ??= lines;
            Assert.True(expected.SequenceEqual(lines), $"{segmentation}: {string.Join(", ", lines)} instead of {string.Join(", ", expected)}");
        }

        return expected!;
    }

    public static string[] Of(byte[] wire, Segmentation segmentation, RequestHeadLimits limits)
    {
        using var head = new RequestHead(limits);
        var buffer = new ReceiveBuffer(wire, segmentation);

        try
        {
            foreach (var end in segmentation.Arrivals(wire.Length))
            {
                var input = buffer.Receive(end);
                var offered = input.Length;

                if (head.TryRead(ref input))
                    return [.. LinesOf(head), .. LinesOf(wire.AsSpan(end - (int)input.Length))];

                Assert.Equal(offered, input.Length);
            }
        }
        catch (RequestRefusedException refusal)
        {
            return [$"{(int)refusal.Status} {refusal.Message}"];
        }

        return ["incomplete"];
    }

    private static IEnumerable<string> LinesOf(RequestHead head)
    {
        var query = head.Target.Query.Length > 0 ? $"?{head.Target.Query}" : "";
        yield return $"{Encoding.Latin1.GetString(head.Method)} {head.Target.Path}{query}";

        for (var index = 0; index < head.FieldCount; index++)
            yield return $"{Encoding.Latin1.GetString(head.NameOf(index))}={Encoding.Latin1.GetString(head.ValueOf(index))}";
    }

    private static string[] LinesOf(ReadOnlySpan<byte> rest) => rest.IsEmpty ? [] : [$"+ {Encoding.Latin1.GetString(rest)}"];
}
