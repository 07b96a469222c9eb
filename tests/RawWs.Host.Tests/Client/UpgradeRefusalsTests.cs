using System.Net;
using System.Text;

namespace RawWs.Host.Tests;

public class UpgradeRefusalsTests
{
    // Whoever reconnects goes on after those that may be better another time.
    [Theory]
    [InlineData(302, true)]
    [InlineData(400, true)]
    [InlineData(404, true)]
    [InlineData(408, false)]
    [InlineData(425, false)]
    [InlineData(429, false)]
    [InlineData(499, true)]
    [InlineData(500, false)]
    [InlineData(503, false)]
    public async Task What_would_be_the_same_again_is_final(int status, bool isFinal)
        => Assert.Equal(isFinal, (await RefusalOfAsync(new HttpResponseMessage((HttpStatusCode)status))).IsFinal);

    [Fact]
    public async Task Where_a_redirection_points_to_is_told()
    {
        using var response = new HttpResponseMessage(HttpStatusCode.Found) { Headers = { Location = new Uri("/login?from=chat", UriKind.Relative) } };

        Assert.Equal("The server refused the WebSocket with 302 Found. It points to '/login?from=chat', which is not followed.", (await RefusalOfAsync(response)).Message);
    }

    [Theory]
    [InlineData("too many\r\nof you", ": too many.")]
    [InlineData(" Go away. \n", ": Go away.")]
    [InlineData("\e[31mred", @": \u001b[31mred.")]
    [InlineData("", ".")]
    public async Task The_first_line_of_the_body_is_told(string body, string expected)
        => Assert.Equal($"The server refused the WebSocket with 503 Service Unavailable{expected}", (await RefusalOfAsync(body)).Message);

    [Theory]
    [InlineData(200, "")]
    [InlineData(201, "…")]
    [InlineData(2_000, "…")]
    public async Task A_long_line_is_cut(int length, string end)
        => Assert.Equal($"The server refused the WebSocket with 503 Service Unavailable: {new string('x', 200)}{end}.", (await RefusalOfAsync(new string('x', length))).Message);

    // It would be waited for to the end of time otherwise.
    [Fact]
    public async Task A_body_that_never_ends_is_read_to_the_end_of_its_first_line()
    {
        using var response = new HttpResponseMessage(HttpStatusCode.ServiceUnavailable) { Content = new StreamContent(new BrokenStream("full\n", new InvalidOperationException("It is read on."))) };

        Assert.Equal("The server refused the WebSocket with 503 Service Unavailable: full.", (await RefusalOfAsync(response)).Message);
    }

    [Fact]
    public async Task A_body_that_breaks_off_leaves_the_status()
    {
        using var response = new HttpResponseMessage(HttpStatusCode.ServiceUnavailable) { Content = new StreamContent(new BrokenStream("fu", new IOException("It is gone."))) };

        Assert.Equal("The server refused the WebSocket with 503 Service Unavailable.", (await RefusalOfAsync(response)).Message);
    }

    private static async Task<ClientFailureException> RefusalOfAsync(string body)
    {
        using var response = new HttpResponseMessage(HttpStatusCode.ServiceUnavailable) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        return await RefusalOfAsync(response);
    }

    private static async Task<ClientFailureException> RefusalOfAsync(HttpResponseMessage response)
    {
        using var invoker = new HttpMessageInvoker(new UpgradeRefusals(new Answering(response)));
        using var request = new HttpRequestMessage();
        return await Assert.ThrowsAsync<ClientFailureException>(() => invoker.SendAsync(request, TestContext.Current.CancellationToken));
    }

    private sealed class Answering(HttpResponseMessage response) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(response);
    }

    /// <summary>Has so much to say, and then an error.</summary>
    private sealed class BrokenStream(string text, Exception error) : MemoryStream(Encoding.ASCII.GetBytes(text))
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
            => Position < Length ? base.ReadAsync(buffer, cancellationToken) : ValueTask.FromException<int>(error);
    }
}
