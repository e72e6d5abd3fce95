using System.Text;
using BlockProxy.Nbd.Wire;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Nbd.Wire;

public class NbdStringTests
{
    [TestCase("")]
    [TestCase("disk0")]
    [TestCase("Größe/ディスク")]
    public void Utf8_without_NUL_is_a_string(string text)
    {
        Assert.That(NbdString.TryRead(Encoding.UTF8.GetBytes(text), out var read), Is.True);
        Assert.That(read, Is.EqualTo(text));
        Assert.That(NbdString.GetBytes(text), Is.EqualTo(Encoding.UTF8.GetBytes(text)));
    }

    [TestCase("6100", TestName = "A_NUL_is_refused")]
    [TestCase("C3", TestName = "Half_a_code_point_is_refused")]
    [TestCase("C080", TestName = "An_overlong_form_is_refused")]
    [TestCase("EDA080", TestName = "A_lone_surrogate_is_refused")]
    public void Not_strings(string hex) => Assert.That(NbdString.TryRead(RawClient.Hex(hex), out _), Is.False);

    [Test]
    public void At_most_4096_bytes_are_a_string()
    {
        Assert.That(NbdString.TryRead(new string('x', 4096).Select(c => (byte)c).ToArray(), out _), Is.True);
        Assert.That(NbdString.TryRead(new string('x', 4097).Select(c => (byte)c).ToArray(), out _), Is.False);
        Assert.That(() => NbdString.GetBytes(new string('x', 4097)), Throws.ArgumentException);
        Assert.That(() => NbdString.GetBytes("a\0b"), Throws.ArgumentException);
    }

    [Test]
    public void A_text_for_people_is_cut_between_code_points()
    {
        var shown = NbdString.GetDisplayBytes(new string('x', 4095) + "é");

        Assert.That(shown, Has.Length.EqualTo(4095));
        Assert.That(NbdString.TryRead(NbdString.GetDisplayBytes("a\0b"), out _), Is.True);
    }
}
